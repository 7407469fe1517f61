-- Which deployment a traffic policy chose for a request, whoever answered it then; null where the named one has no policy. Its index is made beside the running gateway (VariantIndex).
alter table usage add column variant uuid;
