-- What a key may call (AiFactory.Contracts, KeyScope); null for all. And the key in whose place it came, which is replaced once.
alter table api_keys
  add column scope jsonb,
  add column replaces uuid unique references api_keys (id);
