-- What the cache did for a request: hit, miss, bypass; null where its deployment has none.
alter table usage add column cache text;
