-- Files that come in parts. The bytes of a part lie in object storage under the upload's id and its own; the file that is made of them has a row and an object of its own.
create table uploads (
  id uuid primary key,
  project text not null,
  subject text not null,
  line text not null,
  filename text not null,
  bytes bigint not null,
  state text not null check (state in ('pending', 'completed', 'cancelled', 'expired')),
  file_id uuid,
  file_expires_seconds integer,
  created_at timestamptz not null,
  expires_at timestamptz not null
);

create index uploads_pending on uploads (project) where state = 'pending';
create index uploads_by_end on uploads (expires_at);

-- bytes is null until the part is whole. A part has its row before its object.
create table upload_parts (
  id uuid primary key,
  upload_id uuid not null references uploads (id) on delete cascade,
  bytes bigint,
  created_at timestamptz not null
);

create index upload_parts_of_upload on upload_parts (upload_id);
