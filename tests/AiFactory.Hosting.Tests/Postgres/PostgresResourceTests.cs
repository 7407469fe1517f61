using System.Diagnostics;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Npgsql;

namespace AiFactory.Hosting.Tests.Postgres;

public sealed class PostgresResourceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aifactory-pgres-");
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_server_is_healthy_its_database_exists_and_both_survive_kill_9()
    {
        var builder = Builder();
        var database = builder.AddPostgres("postgres").WithDataVolume().AddDatabase("librarydb", "library");
        await using var application = builder.Build();
        await application.StartAsync(_cancellation);
        await application.ResourceNotifications.WaitForResourceHealthyAsync("librarydb", _cancellation).WaitAsync(TimeSpan.FromSeconds(60), _cancellation);

        var connectionString = await database.Resource.ConnectionStringExpression.GetValueAsync(_cancellation);
        (await QueryAsync(connectionString, "select current_database()")).ShouldBe("library");

        // A proxy between the two would cost the copy of every byte.
        (await QueryAsync(connectionString, "select inet_server_port()")).ShouldBe(new NpgsqlConnectionStringBuilder(connectionString).Port);

        var running = await application.ResourceNotifications.WaitForResourceAsync("postgres", e => e.Snapshot.State?.Text == KnownResourceStates.Running, _cancellation);
        var pid = running.Snapshot.Properties.Single(p => p.Name == "executable.pid").Value.ShouldBeOfType<int>();
        Process.GetProcessById(pid).Kill();
        await application.ResourceNotifications.WaitForResourceAsync(
            "postgres", e => e.Snapshot.Properties.Any(p => p.Name == "executable.pid" && p.Value is int now && now != pid), _cancellation)
            .WaitAsync(TimeSpan.FromSeconds(60), _cancellation);
        await application.ResourceNotifications.WaitForResourceHealthyAsync("librarydb", _cancellation).WaitAsync(TimeSpan.FromSeconds(60), _cancellation);
        (await QueryAsync(connectionString, "select 1")).ShouldBe(1);
        await application.StopAsync(_cancellation);
        Directory.Exists($"/proc/{pid}").ShouldBeFalse();
    }

    [Fact]
    public async Task A_reference_to_a_database_gives_its_connection_properties()
    {
        var builder = Builder();
        var password = builder.AddParameter("pw", "p@ss/word", secret: true);
        var database = builder.AddPostgres("postgres", password: password, port: 15432).AddDatabase("librarydb", "library");
        database.Resource.Parent.PrimaryEndpoint.EndpointAnnotation.AllocatedEndpoint = new AllocatedEndpoint(
            database.Resource.Parent.PrimaryEndpoint.EndpointAnnotation, "localhost", 15432);

        IResourceWithConnectionString resource = database.Resource;
        (await resource.GetConnectionStringAsync(_cancellation)).ShouldBe("Host=localhost;Port=15432;Username=postgres;Password=p@ss/word;Database=library");
        var properties = new Dictionary<string, string?>();
        foreach (var (name, value) in resource.GetConnectionProperties())
        {
            properties[name] = await value.GetValueAsync(_cancellation);
        }

        properties["Uri"].ShouldBe("postgresql://postgres:p%40ss%2Fword@localhost:15432/library");
        properties["DatabaseName"].ShouldBe("library");
        properties["Host"].ShouldBe("localhost");
        properties["JdbcConnectionString"].ShouldBe("jdbc:postgresql://localhost:15432/library");
    }

    private IDistributedApplicationBuilder Builder() => DistributedApplication.CreateBuilder(new DistributedApplicationOptions
    {
        ProjectDirectory = _folder.FullName,
        DisableDashboard = true,
    });

    private async Task<object?> QueryAsync(string? connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(_cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(_cancellation);
    }
}
