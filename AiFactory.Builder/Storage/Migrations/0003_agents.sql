create table tools (
  project text not null,
  name text not null,
  description text not null,
  parameters jsonb not null,
  kind text not null check (kind = 'http'),
  method text not null,
  url text not null,
  headers jsonb not null,
  timeout_seconds integer not null check (timeout_seconds > 0),
  created_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (project, name)
);

create table rulesets (
  project text not null,
  name text not null,
  rules text[] not null,
  created_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (project, name)
);

create table agents (
  project text not null,
  name text not null,
  description text not null,
  model text not null,
  instructions text not null,
  rulesets text[] not null,
  tools text[] not null,
  knowledge_bases text[] not null,
  max_steps integer not null check (max_steps > 0),
  max_seconds integer not null check (max_seconds > 0),
  created_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (project, name)
);

create table threads (
  id uuid primary key,
  project text not null,
  title text,
  target text not null,
  created_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- While an answer is being made; a process that dies leaves it, and it ends by itself.
  answering_until timestamptz
);

create index threads_of_author on threads (project, created_by, id desc);

create table thread_messages (
  id uuid primary key,
  thread_id uuid not null references threads (id) on delete cascade,
  role text not null check (role in ('user', 'assistant')),
  content text not null,
  run_id uuid,
  passages jsonb,
  created_at timestamptz not null,
  ordinal bigint generated always as identity
);

create index messages_of_thread on thread_messages (thread_id, ordinal);
