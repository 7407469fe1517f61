-- Which other deployments answer a deployment's requests (AiFactory.Contracts, TrafficPolicy); null when it alone does.
alter table deployments add column traffic jsonb;
