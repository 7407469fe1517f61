create table notes (
  id uuid primary key,
  text text not null
);

create index notes_text on notes (text);
