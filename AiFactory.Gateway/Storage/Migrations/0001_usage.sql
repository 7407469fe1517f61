-- One row for each request that reached a model, by the id that it got when it began: delivered again it changes nothing.
create table usage (
  id uuid primary key,
  at timestamptz not null,
  project text not null,
  key_id uuid,
  subject text not null,
  operation text not null,
  requested_model text not null,
  deployment text not null,
  deployment_id uuid,
  model text,
  model_version integer,
  replica text,
  request_id text not null,
  stream boolean not null,
  attempts integer not null,
  prompt_tokens bigint,
  cached_tokens bigint,
  completion_tokens bigint,
  estimated boolean not null,
  outcome text not null check (outcome in ('answered', 'refused', 'client-left', 'deadline', 'failed', 'interrupted')),
  error text,
  status integer not null,
  queued_micros bigint not null,
  first_token_micros bigint,
  total_micros bigint not null,
  cost_micros bigint,
  price_version text
);

create index usage_of_project on usage (project, at, id);
create index usage_by_time on usage (at, id);

-- The prices that records were made with, by the version that they name.
create table price_tables (
  version text primary key,
  currency text not null,
  prices jsonb not null,
  first_used_at timestamptz not null
);
