using AiFactory.IntegrationTests.Faults;
using AiFactory.Testing.Factory;
using AiFactory.Testing.Postgres;
using AiFactory.Testing.S3;
using Npgsql;

namespace AiFactory.IntegrationTests.Configuration;

/// <summary>"Embedded by default, real by configuration": two connection strings, and the factory stands on the owner's Postgres and bucket.</summary>
public sealed class OwnStorageTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Fact]
    public async Task A_factory_serves_from_the_owners_Postgres_and_bucket_and_starts_none_of_its_own()
    {
        var server = new NpgsqlConnectionStringBuilder(await postgres.CreateDatabaseAsync(TestContext.Current.CancellationToken));
        server.Remove("Database");
        await using var s3 = await S3Server.StartAsync(TestContext.Current.CancellationToken);
        await using var settings = FactorySettings.Fresh() with
        {
            Extra = new Dictionary<string, string>
            {
                ["ConnectionStrings__postgres"] = server.ConnectionString,
                ["ConnectionStrings__objects"] = s3.ConnectionString("factory") + ";CreateBucket=true",
            },
        };

        await using var factory = await FactoryProcess.StartAsync(settings, TestContext.Current.CancellationToken);

        (await KilledProcessTests.ChatAnswersAsync(factory)).ShouldBeTrue();
        factory.Children().ShouldNotContain(child => child.CommandLine.Contains("postgres", StringComparison.Ordinal));
        Directory.Exists(Path.Combine(settings.DataFolder, "objects")).ShouldBeFalse();
    }
}
