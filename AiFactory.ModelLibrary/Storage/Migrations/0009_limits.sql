-- What may be used at most (AiFactory.Contracts, LimitRoute). What was used of it is the gateway's to know.
create table limits (
  id uuid primary key,
  project text references projects (name),
  name text not null,
  scope text not null,
  owner text,
  model text,
  measure text not null,
  period text,
  amount numeric not null check (amount > 0),
  created_by text not null,
  updated_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create unique index limits_by_name on limits (coalesce(project, ''), name);
