-- What a client called its request for a job, so that it can ask again when the answer was lost, and a hash of what it asked for then.
alter table batches add column idempotency_key text;
alter table batches add column request_hash bytea;
create unique index batches_by_idempotency_key on batches (project, line, idempotency_key) where idempotency_key is not null;

-- Until then one gateway alone puts the parts of an upload together.
alter table uploads add column joining_until timestamptz;
