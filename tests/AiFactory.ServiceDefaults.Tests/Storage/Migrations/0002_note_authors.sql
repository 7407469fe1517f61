alter table notes add column written_by text not null default 'nobody';
