-- Which answers of a deployment the gateways keep (AiFactory.Contracts, CachePolicy); null when none is.
alter table deployments add column cache jsonb;
