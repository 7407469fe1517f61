-- Each save of a ruleset, for ever: a version is neither changed nor deleted, and a name that is given anew goes on counting. What names manners@3 means one text.
create table ruleset_versions (
  project text not null,
  name text not null,
  version integer not null check (version > 0),
  rules text[] not null,
  -- [{"kind":"max_characters","value":"500"}]
  checks jsonb not null,
  on_violation text not null check (on_violation in ('reject', 'retry')),
  created_by text not null,
  created_at timestamptz not null,
  primary key (project, name, version)
);

insert into ruleset_versions (project, name, version, rules, checks, on_violation, created_by, created_at)
select project, name, 1, rules, '[]', 'reject', created_by, updated_at from rulesets;

-- The newest.
alter table rulesets add column version integer not null default 1;
alter table rulesets drop column rules;
