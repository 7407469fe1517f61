-- With its project a waiting step can be looked for project by project, so that one project's many do not come before another's few.
alter table step_claims add column project text;
update step_claims as c set project = r.project from runs as r where r.id = c.run_id;
alter table step_claims alter column project set not null;

drop index step_claims_ready;
create index step_claims_ready on step_claims (project, due_at) where state = 'ready';

-- How many runs a project has open is asked at each start.
create index runs_open on runs (project) where state in ('queued', 'running');
