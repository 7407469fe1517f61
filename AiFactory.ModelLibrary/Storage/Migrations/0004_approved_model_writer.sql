-- Of several libraries one writes approved models to the cluster: one row, whose lease it holds.
create table approved_model_writer (
  only_row boolean primary key default true check (only_row),
  lease_id uuid,
  lease_until timestamptz
);

insert into approved_model_writer default values;
