-- What the workers pack a deployment's weights as before they load them; null serves them as they are.
alter table deployments add column quantization text;
