-- What a list shows of a run's input, so that it need not read the inputs.
alter table runs add column title text not null default '';
update runs set title = left(regexp_replace(coalesce(input ->> 'text', input::text), '\s+', ' ', 'g'), 120);
