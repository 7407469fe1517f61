-- Answers that were given before, for all gateways. Not logged, as what is lost with a crash of the server is computed again: a clean restart keeps it, and nothing of it burdens the log or a standby.
create unlogged table cached_answers (
  -- SHA-256 of the caller's project, the deployment, its model's version, and the request
  key bytea primary key,
  -- 0 a whole answer, 1 the vector of one text
  kind integer not null,
  -- whose callers asked for it and get it; empty for callers of the whole factory
  project text not null,
  deployment uuid not null,
  body bytea not null,
  tokens integer not null,
  stored_at timestamptz not null,
  expires_at timestamptz not null
);

-- Vectors do not get smaller by being packed.
alter table cached_answers alter column body set storage external;
create index cached_answers_by_end on cached_answers (expires_at);
create index cached_answers_of_deployment on cached_answers (deployment);

-- Orders to forget, which every gateway carries out in its own memory.
create table cache_purges (
  id uuid primary key,
  project text,
  deployment uuid,
  before timestamptz not null
);

create index cache_purges_by_time on cache_purges (before);
