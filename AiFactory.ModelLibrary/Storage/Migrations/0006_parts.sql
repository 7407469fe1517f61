-- The files of a version that comes in several, in their order: objectKey, digest and sizeBytes of each. Null where it is one file.
alter table model_versions add column parts jsonb;
