-- Which answers of an upstream's model the gateways keep (AiFactory.Contracts, CachePolicy); null when none is.
alter table upstream_models add column cache jsonb;
