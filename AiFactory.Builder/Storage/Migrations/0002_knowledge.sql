create table knowledge_bases (
  id uuid primary key,
  project text not null,
  name text not null,
  description text not null,
  embedding_model text not null,
  chunk_size integer not null,
  chunk_overlap integer not null,
  -- The length of an embedding; known with the first one.
  dimensions integer,
  -- Rises with every change of what a search can find: who holds an image of the vectors sees by it whether the image is old.
  revision bigint not null default 0,
  -- Whether the database has an index of the base's vectors.
  indexed boolean not null default false,
  created_by text not null,
  created_at timestamptz not null,
  unique (project, name)
);

create table knowledge_documents (
  id uuid primary key,
  base_id uuid not null references knowledge_bases (id) on delete cascade,
  name text not null,
  content_type text not null,
  charset text,
  size bigint not null,
  digest text not null,
  object_prefix text not null unique,
  text_length integer,
  state text not null check (state in ('queued', 'parsing', 'embedding', 'ready', 'failed')),
  error text,
  chunks integer not null default 0,
  embedded integer not null default 0,
  -- The base's revision when the document became ready.
  ready_revision bigint not null default 0,
  attempts integer not null default 0,
  deaths integer not null default 0,
  next_at timestamptz not null,
  claim uuid,
  claimed_until timestamptz,
  created_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (base_id, name)
);

create index knowledge_documents_waiting on knowledge_documents (next_at) where state in ('queued', 'parsing', 'embedding');

create table knowledge_chunks (
  document_id uuid not null references knowledge_documents (id) on delete cascade,
  base_id uuid not null,
  ordinal integer not null,
  -- In UTF-16 code units of the document's text.
  start_at integer not null,
  end_at integer not null,
  heading text not null,
  text text not null,
  words tsvector generated always as (to_tsvector('english', heading || E'\n' || text)) stored,
  primary key (document_id, ordinal)
);

create index knowledge_chunks_by_words on knowledge_chunks using gin (words);

-- Beside the passages, not in them: an embedding comes later, and adding it here writes no passage again.
create table knowledge_embeddings (
  document_id uuid not null,
  base_id uuid not null,
  ordinal integer not null,
  embedding real[] not null,
  primary key (document_id, ordinal),
  foreign key (document_id, ordinal) references knowledge_chunks (document_id, ordinal) on delete cascade
);

-- What the seed has done already, so that it does nothing twice.
create table knowledge_seeds (
  project text not null,
  name text not null,
  path text not null,
  digest text not null,
  seeded_at timestamptz not null,
  primary key (project, name, path)
);
