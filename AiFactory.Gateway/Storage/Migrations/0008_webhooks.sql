-- What a project's webhooks are signed with, sealed; the one before is good for a while beside it.
create table webhook_secrets (
  project text primary key,
  secret text not null,
  previous text,
  previous_until timestamptz,
  created_at timestamptz not null,
  created_by text not null
);

-- Messages on their way. The id is the message's own, the same at each attempt, so that its receiver can tell a second delivery.
create table webhook_messages (
  id uuid primary key,
  project text not null,
  batch_id uuid not null,
  type text not null,
  url text not null,
  payload text not null,
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'parked')),
  attempts integer not null default 0,
  next_at timestamptz not null,
  claim uuid,
  claimed_until timestamptz,
  last_status integer,
  last_error text,
  created_at timestamptz not null,
  ended_at timestamptz
);

create index webhook_messages_due on webhook_messages (next_at) where state = 'waiting';
create index webhook_messages_of_project on webhook_messages (project, id);
create index webhook_messages_of_batch on webhook_messages (batch_id);
create index webhook_messages_ended on webhook_messages (ended_at) where state <> 'waiting';
