-- Whose work it is, however often their key is rotated: the subject of the first key of its line. And of which routing snapshot they were known: a gateway whose own is older
-- does not know the key yet, and takes nothing of it.
alter table files add column line text;
update files set line = subject;
alter table batches add column line text, add column known_version bigint, add column known_at timestamptz;
update batches set line = subject;

-- What the answers say that they took, of those that say it.
alter table batch_requests add column input_tokens bigint, add column cached_tokens bigint, add column output_tokens bigint, add column reasoning_tokens bigint;
alter table batches add column input_tokens bigint, add column cached_tokens bigint, add column output_tokens bigint, add column reasoning_tokens bigint;

-- Requests over which gateways ended.
create index batch_requests_of_deaths on batch_requests (batch_id, next_at, line) where state <> 'done' and deaths > 0;

-- Projects take turns with the stages of their batches too, and that is another turn.
alter table work_turns alter column taken_at drop not null, add column staged_at timestamptz;
