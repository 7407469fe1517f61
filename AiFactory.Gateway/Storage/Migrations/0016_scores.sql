-- How good an answer was, by the id of its request: said afterwards by whoever asked for it, or judged it.
create table scores (
  project text not null,
  request_id text not null,
  score double precision not null,
  said_by text not null,
  at timestamptz not null,
  primary key (project, request_id)
);

create index scores_by_time on scores (at);
