using AiFactory.Testing.Oidc;
using AiFactory.Testing.Postgres;

[assembly: AssemblyFixture(typeof(PostgresFixture))]
[assembly: AssemblyFixture(typeof(OidcServer))]
