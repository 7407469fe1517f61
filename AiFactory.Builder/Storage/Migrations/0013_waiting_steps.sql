-- A step that waits for the runs that it began has no executor; the end of the last of them makes it ready again. In a transaction of its own, for whoever
-- claims a step locks step_claims before runs: one that alters both would wait for a claim that waits for it.
alter table step_claims
  drop constraint step_claims_state_check,
  -- Not checked against what is there, which kept to fewer states.
  add constraint step_claims_state_check check (state in ('ready', 'running', 'waiting', 'succeeded', 'failed', 'skipped', 'cancelled')) not valid,
  add column children integer not null default 0,
  add column children_ended integer not null default 0,
  add column children_failed integer not null default 0,
  -- So many of them run at once.
  add column concurrency integer not null default 1,
  -- One that fails is reason enough to go on.
  add column fails_fast boolean not null default false,
  -- Attempts that are neither failures nor losses of what is tried now: a loop's turns before, and those that only waited for room.
  add column attempts_before integer not null default 0;

create index step_claims_waiting on step_claims (run_id) where state = 'waiting';
