-- What the gateway refused and what was done at it, each row bound to the one before by a hash over both: one that is changed or taken out breaks the chain.
create table audit (
  sequence bigint primary key,
  id uuid not null unique,
  at timestamptz not null,
  until timestamptz not null,
  project text,
  actor text not null,
  action text not null,
  target text not null,
  reason text,
  count integer not null check (count > 0),
  hash bytea not null
);

create index audit_of_project on audit (project, sequence desc);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% takes inserts only', tg_table_name;
end
$$;

create trigger audit_is_append_only before update or delete or truncate on audit
  for each statement execute function refuse_change();

-- The end of the chain: one row, which is locked while rows are added.
create table audit_head (
  only_row boolean primary key default true check (only_row),
  sequence bigint not null,
  hash bytea not null
);

insert into audit_head (sequence, hash) values (0, decode(repeat('00', 32), 'hex'));
