-- When the index of a base's vectors was last made anew because someone asked for it.
alter table knowledge_bases add column rebuilt_at timestamptz;
