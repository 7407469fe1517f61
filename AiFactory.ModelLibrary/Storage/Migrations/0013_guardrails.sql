-- The rules of one level (AiFactory.Contracts, GuardrailRule): of the factory (no project), of a project (no deployment), or of what a project deploys under one name. A deployment that
-- is deleted and made anew under its name has the rules of that name still.
create table guardrails (
  project text references projects (name),
  deployment text,
  version integer not null,
  rules jsonb not null,
  updated_by text not null,
  updated_at timestamptz not null,
  check (project is not null or deployment is null)
);

create unique index guardrails_by_level on guardrails (coalesce(project, ''), coalesce(deployment, ''));
