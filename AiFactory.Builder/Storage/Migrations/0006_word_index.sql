-- A search would otherwise read the list of what is not yet in the index: at 10,000 passages that is most of its time.
alter index knowledge_chunks_by_words set (fastupdate = off);
select gin_clean_pending_list('knowledge_chunks_by_words');
