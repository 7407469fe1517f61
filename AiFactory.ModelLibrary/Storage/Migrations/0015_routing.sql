-- How the replicas of a deployment are chosen, as JSON; null when as all are.
alter table deployments add column routing jsonb;

-- Where a worker runs, in its own words.
alter table workers add column zone text;
