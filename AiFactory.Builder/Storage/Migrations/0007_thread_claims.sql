-- Names the answer that is being made: one that took too long, and has lost the thread to another, writes nothing.
alter table threads add column answering uuid;
