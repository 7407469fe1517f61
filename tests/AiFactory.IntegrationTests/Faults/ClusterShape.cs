using AiFactory.Testing.Factory;
using AiFactory.Testing.Postgres;
using AiFactory.Testing.S3;
using Npgsql;

namespace AiFactory.IntegrationTests.Faults;

/// <summary>A running factory that owns neither its Postgres nor its bucket, with a leading builder and two executors.</summary>
public sealed class ClusterShape : IAsyncLifetime
{
    private S3Server? _s3;
    private FactorySettings? _settings;
    private FactoryProcess? _factory;

    public FactoryProcess Factory => _factory ?? throw new InvalidOperationException("The factory has not been started.");

    public async ValueTask InitializeAsync()
    {
        var server = new NpgsqlConnectionStringBuilder(await new PostgresFixture().CreateDatabaseAsync(TestContext.Current.CancellationToken));
        server.Remove("Database");
        _s3 = await S3Server.StartAsync(TestContext.Current.CancellationToken);
        _settings = FactorySettings.Fresh() with
        {
            Extra = new Dictionary<string, string>
            {
                ["ConnectionStrings__postgres"] = server.ConnectionString,
                ["ConnectionStrings__objects"] = _s3.ConnectionString("factory") + ";CreateBucket=true",
                ["Builder__Executors"] = "2",
            },
        };
        _factory = await FactoryProcess.StartAsync(_settings, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await using (_s3)
        await using (_settings)
        await using (_factory)
        {
            // In the order in which they were made, backwards, and each even where another's end fails.
        }
    }
}
