-- A search by words is one base's. With the base among the words of the index a search reads what its base has of them, and nothing of other bases; no word
-- of a text has a space. The column stays as it is, for passages are ranked by how many words it has.
create function knowledge_words(words tsvector, base_id uuid) returns tsvector language sql immutable parallel safe as $$
  select words || array_to_tsvector(array['base ' || base_id::text])
$$;

-- Without a list of what is not yet in the index: a search would read all of it.
create index knowledge_chunks_by_base_and_word on knowledge_chunks using gin (knowledge_words(words, base_id)) with (fastupdate = off);
drop index knowledge_chunks_by_words;
