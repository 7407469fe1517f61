-- How many requests of a batch have room at once, as its refusals by a limit on requests at once have shown; null where none has.
alter table batches add column room double precision;
