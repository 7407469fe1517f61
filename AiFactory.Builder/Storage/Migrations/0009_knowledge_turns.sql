-- When a project had its last turn: among the projects that have documents waiting, the one whose turn is longest ago is next.
create table knowledge_turns (
  project text primary key,
  taken_at timestamptz not null
);

-- How many documents of a project wait is asked at each upload.
create index knowledge_documents_waiting_of on knowledge_documents (base_id) where state in ('queued', 'parsing', 'embedding');
