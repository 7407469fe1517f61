using AiFactory.Testing.Postgres;

[assembly: AssemblyFixture(typeof(PostgresFixture))]
