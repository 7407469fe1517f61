-- An approval can be withdrawn. The reason column says why; evidence and audit keep it when the version is approved again.
alter table model_versions add column revoked_by text, add column revoked_at timestamptz;

alter table model_versions drop constraint model_versions_state_check;
alter table model_versions add constraint model_versions_state_check
  check (state in ('discovered', 'scanning', 'quarantined', 'pending-approval', 'approved', 'rejected', 'failed', 'revoked'));

alter table model_versions drop constraint model_versions_check;
alter table model_versions add constraint model_versions_check
  check (state not in ('scanning', 'pending-approval', 'approved', 'rejected', 'revoked') or (digest is not null and object_key is not null));

alter table model_versions add constraint model_versions_revoked_check
  check (case when state = 'revoked' then num_nonnulls(reason, revoked_by, revoked_at) = 3 else num_nonnulls(revoked_by, revoked_at) = 0 end);

-- Revocation is of bytes: every version of the project that has them is found at once.
create index model_versions_of_digest on model_versions (project, digest);
