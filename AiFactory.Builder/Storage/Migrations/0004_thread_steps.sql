-- The calls of tools that an answer was made with.
alter table thread_messages add column steps jsonb;
