-- Services that are none of the factory's, and their models under the factory's names. Credentials are sealed (AiFactory.ServiceDefaults, CredentialSeal).
create table upstreams (
  id uuid primary key,
  project text not null references projects (name),
  name text not null,
  kind text not null,
  base_url text not null,
  api_version text,
  headers jsonb not null,
  enabled boolean not null,
  credential text,
  credential_end text,
  credential_set_by text,
  credential_set_at timestamptz,
  revision integer not null,
  created_by text not null,
  updated_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (project, name),
  check (num_nonnulls(credential, credential_set_by, credential_set_at) in (0, 3))
);

-- A name is also no deployment's: both are written under one lock (UpstreamStore).
create table upstream_models (
  id uuid primary key,
  upstream_id uuid not null references upstreams (id) on delete cascade,
  project text not null,
  name text not null,
  model text not null,
  task text not null,
  context_length integer check (context_length > 0),
  visibility text not null check (visibility in ('project', 'factory')),
  traffic jsonb,
  created_at timestamptz not null,
  unique (project, name)
);

create index upstream_models_of_upstream on upstream_models (upstream_id);
