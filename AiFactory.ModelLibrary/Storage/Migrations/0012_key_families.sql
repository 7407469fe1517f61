-- The first key of a line of rotations: what may be used at most, and what was used, is the line's and not that of one key.
alter table api_keys add column family uuid;

with recursive line as (
  select id, id as family from api_keys where replaces is null
  union all
  select next.id, line.family from api_keys next join line on next.replaces = line.id
)
update api_keys set family = line.family from line where line.id = api_keys.id;

alter table api_keys alter column family set not null;
