-- When the numbers of a step were first good enough to end it, by the ledger's clock: it ends when the ledger has all that had ended by then. Null while they are not.
alter table rollouts add column settles_at timestamptz;
