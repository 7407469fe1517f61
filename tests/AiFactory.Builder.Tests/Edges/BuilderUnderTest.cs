using System.Net.Http.Headers;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Builder.Tests.Edges;

/// <summary>The whole builder on a real Postgres and a real directory; only the gateway is played. One test, one builder, one database.</summary>
internal sealed class BuilderUnderTest : IAsyncDisposable
{
    internal const string IdentityKey = "an-identity-key-for-tests-of-32-bytes-or-more";

    private readonly DirectoryInfo _folder;
    private readonly Dictionary<string, string?> _settings;
    private WebApplicationFactory<Program> _factory;

    private BuilderUnderTest(DirectoryInfo folder, FakeGateway gateway, string database, (string Name, string Value)[] settings)
    {
        _folder = folder;
        Gateway = gateway;
        Database = database;
        _settings = new Dictionary<string, string?>
        {
            ["ConnectionStrings:builderdb"] = database,
            ["ConnectionStrings:objects"] = $"Directory={Objects}",
            ["Identity:Key"] = IdentityKey,
            ["services:gateway:http:0"] = gateway.Address.ToString(),
            ["Logging:LogLevel:Default"] = "Warning",
        };
        foreach (var (name, value) in settings)
        {
            _settings[name] = value.Replace("{folder}", folder.FullName, StringComparison.Ordinal);
        }

        _factory = Create();
    }

    internal FakeGateway Gateway { get; }

    /// <summary>The connection string.</summary>
    internal string Database { get; }

    /// <summary>A folder of this test alone.</summary>
    internal string Folder => _folder.FullName;

    internal string Objects => Path.Combine(_folder.FullName, "objects");

    internal IServiceProvider Services => _factory.Services;

    internal static async Task<BuilderUnderTest> StartAsync(PostgresFixture postgres, params (string Name, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("aifactory-builder-");
        var builder = new BuilderUnderTest(folder, await FakeGateway.StartedAsync(), await postgres.CreateDatabaseAsync(typeof(Program).Assembly, Token), settings);
        await builder.StartAsync();
        return builder;
    }

    /// <summary>Stops the builder and starts it on the same database and objects.</summary>
    internal async Task RestartAsync()
    {
        await _factory.DisposeAsync();
        _factory = Create();
        await StartAsync();
    }

    internal HttpClient Client(string subject, string? project, params string[] roles) =>
        Client(InternalIdentity.WithRoles(subject, project, project is null, roles));

    internal HttpClient Client(InternalIdentity identity)
    {
        var client = _factory.CreateClient();
        var token = Services.GetRequiredService<IdentityTokens>().Issue(identity, TimeSpan.FromHours(1));
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    internal HttpClient Developer(string project = "default") => Client("user:ada", project, Roles.Developer);

    internal HttpClient Anonymous() => _factory.CreateClient();

    public async ValueTask DisposeAsync()
    {
        await _factory.DisposeAsync();
        await Gateway.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private WebApplicationFactory<Program> Create() => new WebApplicationFactory<Program>().WithWebHostBuilder(builder =>
    {
        foreach (var (key, value) in _settings)
        {
            builder.UseSetting(key, value);
        }
    });

    private Task StartAsync() => Services.GetRequiredService<MigrationState>().Completed.WaitAsync(TimeSpan.FromSeconds(60), Token);
}
