create table flows (
  id uuid primary key,
  project text not null,
  name text not null,
  description text not null,
  revision integer not null check (revision > 0),
  created_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz
);

create unique index flows_by_name on flows (project, name) where deleted_at is null;

-- A revision never changes: a run of it is the same graph today and tomorrow.
create table flow_revisions (
  flow_id uuid not null references flows (id),
  revision integer not null check (revision > 0),
  graph jsonb not null,
  created_by text not null,
  created_at timestamptz not null,
  primary key (flow_id, revision)
);

create table publications (
  project text not null,
  alias text not null,
  flow_id uuid not null,
  revision integer not null,
  published_by text not null,
  published_at timestamptz not null,
  primary key (project, alias),
  foreign key (flow_id, revision) references flow_revisions (flow_id, revision)
);

create index publications_of_flow on publications (flow_id);

create table runs (
  id uuid primary key,
  project text not null,
  flow_id uuid not null,
  flow text not null,
  revision integer not null,
  state text not null check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  input jsonb not null,
  output jsonb,
  error text,
  thread_id uuid,
  started_by text not null,
  trace_parent text,
  last_sequence bigint not null default 0,
  -- Something happened that the orchestrator has not looked at yet.
  dirty boolean not null default true,
  cancel_requested boolean not null default false,
  created_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz,
  foreign key (flow_id, revision) references flow_revisions (flow_id, revision)
);

create index runs_of_project on runs (project, id desc);
create index runs_of_flow on runs (flow_id, id desc);
create index runs_dirty on runs (id) where dirty;

-- The history of a run, and its only truth: what follows from it is in runs and step_claims, written in the same transaction.
create table run_events (
  run_id uuid not null references runs (id),
  sequence bigint not null,
  type text not null,
  node text,
  attempt integer,
  at timestamptz not null,
  data jsonb,
  primary key (run_id, sequence)
);

-- One row for each step that was handed out or passed over. Its token grows with each claim: an answer under an older one is refused.
create table step_claims (
  run_id uuid not null references runs (id),
  node text not null,
  type text not null,
  state text not null check (state in ('ready', 'running', 'succeeded', 'failed', 'skipped', 'cancelled')),
  attempt integer not null default 0,
  failures integer not null default 0,
  token bigint not null default 0,
  owner text,
  due_at timestamptz,
  lease_until timestamptz,
  output jsonb,
  error text,
  prompt_tokens bigint not null default 0,
  completion_tokens bigint not null default 0,
  started_at timestamptz,
  finished_at timestamptz,
  primary key (run_id, node)
);

create index step_claims_ready on step_claims (due_at) where state = 'ready';
create index step_claims_running on step_claims (lease_until) where state = 'running';

-- Who leads the runs: one row. Its token grows at each change of leader, and every write of a leader names its token.
create table orchestrator_lease (
  only_row boolean primary key default true check (only_row),
  owner text not null,
  token bigint not null,
  lease_until timestamptz not null
);

insert into orchestrator_lease (owner, token, lease_until) values ('nobody', 0, '-infinity');

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% takes inserts only', tg_table_name;
end
$$;

create trigger run_events_are_append_only before update or delete or truncate on run_events
  for each statement execute function refuse_change();

create trigger flow_revisions_never_change before update or delete or truncate on flow_revisions
  for each statement execute function refuse_change();
