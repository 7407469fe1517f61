-- Windows without an end, of limits and keys that are no more, are forgotten once a snapshot that was published after them does not know these: what such a window counts was in a snapshot
-- when it began.
alter table limit_windows add column created_at timestamptz not null default now();
