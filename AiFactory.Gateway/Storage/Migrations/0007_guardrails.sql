-- The rules that found something in a request or its answer, as "mask:no-mail,flag:rivals"; null where none did.
alter table usage add column guardrails text;
