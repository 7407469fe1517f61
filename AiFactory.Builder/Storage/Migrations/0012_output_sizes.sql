-- How many bytes an output has as JSON, so that who watches a run need not have Postgres print each. What was written before has none and is printed as before.
alter table step_claims add column output_bytes integer;
