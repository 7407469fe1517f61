-- What a list shows of a run's input, so that it need not read the inputs. Only a text is taken from the runs that are there: an old input as a whole may be
-- one that Postgres cannot print, a few KB of 1e131071 being more than 1 GB as text.
alter table runs add column title text not null default '';
update runs set title = left(regexp_replace(input ->> 'text', '\s+', ' ', 'g'), 120) where jsonb_typeof(input -> 'text') = 'string';
