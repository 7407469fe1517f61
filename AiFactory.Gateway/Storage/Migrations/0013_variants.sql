-- Which deployment a traffic policy chose for a request, whoever answered it then; null where the named one has no policy.
alter table usage add column variant uuid;

create index usage_of_variants on usage (requested_model, at) where variant is not null;
