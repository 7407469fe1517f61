-- Who last changed where a source points or what its rules let in. Until now only the audit knew.
alter table sources add column changed_by text;

update sources set changed_by = coalesce(
  (select actor from audit where action = 'source.updated' and target = 'source/' || sources.id order by sequence desc limit 1),
  created_by);

alter table sources alter column changed_by set not null;

-- Who had done so when the version was discovered and when it was copied.
alter table model_versions add column source_changed_by text[] not null default '{}';

update model_versions set source_changed_by = array[sources.changed_by] from sources where sources.id = model_versions.source_id;
