create table projects (
  name text primary key,
  display_name text not null,
  approval_policy text not null check (approval_policy in ('single', 'second-person')),
  created_by text not null,
  created_at timestamptz not null
);

create table api_keys (
  id uuid primary key,
  project text not null references projects (name),
  name text not null,
  prefix text not null,
  hash text not null unique,
  roles text[] not null,
  factory_wide boolean not null,
  seeded boolean not null,
  created_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  revoked_by text
);

create index api_keys_of_project on api_keys (project, id desc);

create table sources (
  id uuid primary key,
  project text not null references projects (name),
  name text not null,
  kind text not null,
  location text not null,
  name_pattern text,
  tag_filter text,
  enabled boolean not null,
  created_by text not null,
  created_at timestamptz not null,
  next_sync_at timestamptz not null,
  deleted_at timestamptz
);

create unique index sources_by_name on sources (project, name) where deleted_at is null;
create index sources_due on sources (next_sync_at) where deleted_at is null and enabled;

create table syncs (
  id uuid primary key,
  source_id uuid not null references sources (id),
  state text not null check (state in ('queued', 'running', 'succeeded', 'failed')),
  error text,
  discovered integer not null default 0,
  added integer not null default 0,
  skipped integer not null default 0,
  requested_by text not null,
  queued_at timestamptz not null,
  finished_at timestamptz,
  lease_id uuid,
  lease_until timestamptz
);

-- A source waits at most once and runs at most once.
create unique index syncs_queued on syncs (source_id) where state = 'queued';
create unique index syncs_running on syncs (source_id) where state = 'running';
create index syncs_of_source on syncs (source_id, id desc);

create table models (
  id uuid primary key,
  project text not null references projects (name),
  name text not null,
  created_at timestamptz not null,
  unique (project, name)
);

create table model_versions (
  id uuid primary key,
  model_id uuid not null references models (id),
  project text not null references projects (name),
  version integer not null check (version > 0),
  tag text not null,
  state text not null check (state in ('discovered', 'scanning', 'quarantined', 'pending-approval', 'approved', 'rejected', 'failed')),
  reason text,
  digest text,
  object_key text,
  size_bytes bigint not null,
  metadata jsonb,
  author text not null,
  source_id uuid not null references sources (id),
  source_path text not null,
  created_at timestamptz not null,
  lease_id uuid,
  lease_until timestamptz,
  attempts integer not null default 0,
  retry_at timestamptz,
  unique (model_id, version),
  check (state not in ('scanning', 'pending-approval', 'approved', 'rejected') or (digest is not null and object_key is not null))
);

create index model_versions_open on model_versions (state, id) where state in ('discovered', 'scanning');

-- What a source showed last, file by file: how a change is noticed without reading every file again.
create table source_artifacts (
  source_id uuid not null references sources (id),
  path text not null,
  size_bytes bigint not null,
  modified_at timestamptz not null,
  seen_at timestamptz not null,
  version_id uuid references model_versions (id),
  primary key (source_id, path)
);

create table evidence (
  sequence bigint generated always as identity primary key,
  version_id uuid not null references model_versions (id),
  stage text not null,
  outcome text not null,
  detail text not null,
  actor text not null,
  at timestamptz not null
);

create index evidence_of_version on evidence (version_id, sequence);

create table deployments (
  id uuid primary key,
  project text not null references projects (name),
  name text not null,
  version_id uuid not null references model_versions (id),
  visibility text not null check (visibility in ('project', 'factory')),
  replicas integer not null check (replicas between 0 and 64),
  context_length integer,
  slots integer,
  phase text not null,
  message text,
  ready_replicas integer not null default 0,
  created_by text not null,
  updated_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (project, name)
);

create table workers (
  base_url text primary key,
  instance_id text not null,
  state text not null check (state in ('ready', 'draining', 'lost')),
  hardware text not null,
  threads integer not null,
  memory_bytes bigint not null,
  last_seen_at timestamptz not null
);

create table worker_models (
  base_url text not null references workers (base_url) on delete cascade,
  deployment_id uuid not null,
  digest text not null,
  state text not null,
  message text,
  progress double precision,
  memory_bytes bigint,
  context_length integer,
  primary key (base_url, deployment_id)
);

create table assignments (
  deployment_id uuid not null references deployments (id) on delete cascade,
  base_url text not null references workers (base_url) on delete cascade,
  assigned_at timestamptz not null,
  primary key (deployment_id, base_url)
);

-- The last published routing snapshot: one row. Its version grows only when its content changes.
create table routing_snapshot (
  only_row boolean primary key default true check (only_row),
  version bigint not null,
  published_at timestamptz not null,
  content text not null
);

create table audit (
  sequence bigint generated always as identity primary key,
  at timestamptz not null,
  project text,
  actor text not null,
  action text not null,
  target text not null,
  detail jsonb
);

create index audit_of_project on audit (project, sequence desc);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% takes inserts only', tg_table_name;
end
$$;

create trigger audit_is_append_only before update or delete or truncate on audit
  for each statement execute function refuse_change();

create trigger evidence_is_append_only before update or delete or truncate on evidence
  for each statement execute function refuse_change();
