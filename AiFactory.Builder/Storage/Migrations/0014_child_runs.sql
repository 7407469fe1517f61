-- Runs that a step of another run began: a map one for each item, a loop one for each turn.
alter table runs
  add column parent_run_id uuid references runs (id),
  add column parent_node text,
  add column parent_index integer,
  -- It begins when one of its siblings has ended: no more of them run at once than their step says.
  add column held boolean not null default false,
  -- Of the output as it was written.
  add column output_bytes integer,
  -- {"summarise":{"flowId":"0197...","revision":3}}: what the flows are that its maps and loops run, chosen when the run at the top began.
  add column bodies jsonb;

-- The same, chosen when the flow was published.
alter table publications add column bodies jsonb;

-- Nothing is begun twice.
create unique index runs_of_step on runs (parent_run_id, parent_node, parent_index) where parent_run_id is not null;
create index runs_open_of_step on runs (project, parent_run_id, parent_node, held, parent_index) where parent_run_id is not null and state in ('queued', 'running');

-- What is listed, and counted at each start, are the runs that somebody started.
drop index runs_of_project;
create index runs_of_project on runs (project, id desc) where parent_run_id is null;
drop index runs_open;
create index runs_open on runs (project) where parent_run_id is null and state in ('queued', 'running');
