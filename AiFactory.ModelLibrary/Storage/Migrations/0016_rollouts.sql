-- Rollouts (AiFactory.Contracts, RolloutResponse). They outlive their deployments, by name: what was decided and why stays to be read.
create table rollouts (
  id uuid primary key,
  project text not null references projects (name),
  deployment text not null,
  candidate text not null,
  baseline text not null,
  -- What was compared: another version under one of the names is another comparison.
  candidate_version_id uuid not null,
  baseline_version_id uuid not null,
  plan jsonb not null,
  state text not null check (state in ('running', 'paused', 'halted', 'rolledBack', 'completed', 'cancelled')),
  step integer not null check (step >= -1),
  step_since timestamptz not null,
  unready_since timestamptz,
  message text not null,
  observed jsonb,
  observed_at timestamptz,
  created_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  ended_at timestamptz,
  check ((ended_at is null) = (state in ('running', 'paused', 'halted')))
);

-- One at a time moves the shares of a name.
create unique index rollouts_under_way on rollouts (project, deployment) where ended_at is null;
create index rollouts_of_deployment on rollouts (project, deployment, id);
