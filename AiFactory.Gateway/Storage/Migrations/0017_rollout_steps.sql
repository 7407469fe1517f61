-- In which step of a rollout a request was sent on: by when that began, as the library told all gateways, so that no clock of theirs cuts a step. Its index is made beside the running gateway
-- (VariantIndex).
alter table usage add column rollout_step timestamptz;

-- What each gateway alone knows, and says anew every few seconds, by this database's clock: up to when the ledger has all that ended there, and how many of its requests hang (GatewayMarkStore).
create table gateway_marks (
  gateway uuid primary key,
  at timestamptz not null,
  delivered timestamptz not null,
  hanging jsonb not null
);
