-- How many images a request made; null where it asked for none.
alter table usage add column images bigint;

-- Images in object storage, each until its address expires. A row is older than its object, so that none is left behind.
create table images (
  id uuid primary key,
  project text not null,
  expires_at timestamptz not null
);

create index images_by_expiry on images (expires_at);
