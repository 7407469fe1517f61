-- What clients uploaded and what batches left, whose bytes lie in object storage under the id. Being written and deleted are states, so that no object is without its row.
create table files (
  id uuid primary key,
  project text not null,
  subject text not null,
  purpose text not null check (purpose in ('batch', 'batch_output')),
  state text not null check (state in ('writing', 'ready', 'deleted')),
  filename text not null,
  bytes bigint not null,
  created_at timestamptz not null,
  expires_at timestamptz
);

create index files_of_project on files (project, id) where state = 'ready';
create index files_that_expire on files (expires_at) where expires_at is not null;
create index files_to_remove on files (created_at) where state <> 'ready';

-- Work that outlives its request. A job is a batch of one request, whose result stays in its row.
-- outcome is why it ends, known before it has ended; from frozen_at on its requests do not change.
create table batches (
  id uuid primary key,
  kind text not null check (kind in ('batch', 'job')),
  project text not null,
  subject text not null,
  endpoint text not null,
  status text not null check (status in ('validating', 'failed', 'in_progress', 'finalizing', 'completed', 'expired', 'cancelling', 'cancelled')),
  outcome text check (outcome in ('completed', 'failed', 'expired', 'cancelled')),
  frozen_at timestamptz,
  input_file uuid,
  output_file uuid,
  error_file uuid,
  completion_window text not null,
  output_expires_seconds integer,
  metadata jsonb,
  errors jsonb,
  webhook text,
  total integer not null default 0,
  completed integer not null default 0,
  failed integer not null default 0,
  has_objects boolean not null default false,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  in_progress_at timestamptz,
  finalizing_at timestamptz,
  completed_at timestamptz,
  failed_at timestamptz,
  expired_at timestamptz,
  cancelling_at timestamptz,
  cancelled_at timestamptz,
  claim uuid,
  claimed_until timestamptz,
  stage_at timestamptz not null,
  next_at timestamptz not null,
  pauses integer not null default 0,
  turn_at timestamptz
);

create index batches_of_project on batches (project, kind, id);
create index batches_open on batches (id) where status in ('validating', 'in_progress', 'finalizing', 'cancelling');
create index batches_of_input on batches (input_file) where status in ('validating', 'in_progress', 'finalizing', 'cancelling');
create index batches_by_time on batches (created_at);

-- One request: where its body stands in the input file, or the body itself. attempt grows with each claim, and every write of an attempt names it.
create table batch_requests (
  id bigint generated always as identity primary key,
  batch_id uuid not null references batches (id) on delete cascade,
  line integer not null,
  custom_id text not null,
  input_offset bigint,
  input_length integer,
  body bytea,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done')),
  next_at timestamptz not null,
  claim uuid,
  claimed_until timestamptz,
  attempt integer not null default 0,
  deaths integer not null default 0,
  failures integer not null default 0,
  status integer,
  answer bytea,
  answer_object text,
  error_code text,
  error_message text,
  done_at timestamptz,
  unique (batch_id, line)
);

create index batch_requests_open on batch_requests (batch_id, next_at, line) where state <> 'done';
create index batch_requests_running on batch_requests (batch_id) where state = 'running';

-- Projects take turns.
create table work_turns (
  project text primary key,
  taken_at timestamptz not null
);
