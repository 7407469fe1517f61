using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using AiFactory.Builder.Execution;
using AiFactory.Builder.Tests.Edges;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AiFactory.Builder.Tests.Execution;

public sealed partial class LeaseRenewalTests(PostgresFixture postgres)
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    /// <summary>Its pauses grew to the lease's length, and a connection that hung was waited for: claims ran out while their steps went on.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task While_the_database_is_away_it_is_asked_several_times_within_a_lease(bool hangs)
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Builder:Role", "orchestrator"));
        using var away = new TcpListener(IPAddress.Loopback, 0);
        away.Start();
        var port = ((IPEndPoint)away.LocalEndpoint).Port;
        if (!hangs)
        {
            away.Stop();
        }

        await using var source = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={port};Username=u;Database=d;Pooling=false");
        using var log = new Logged();
        using var logs = LoggerFactory.Create(logging => logging.AddProvider(log));
        var running = new RunningSteps();
        using var step = new RunningStep(Claim, CancellationToken.None);
        running.Add(step);
        using var renewal = new LeaseRenewal(
            builder.Services.GetRequiredService<MigrationState>(), new ClaimStore(new Database(source, TimeProvider.System)), running, Options.Create(new ExecutionOptions { Lease = Lease }),
            TimeProvider.System, logs.CreateLogger<LeaseRenewal>());
        var began = TimeProvider.System.GetTimestamp();

        await renewal.StartAsync(TestContext.Current.CancellationToken);
        while (log.Lines.Count < 4)
        {
            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(12), string.Join('\n', log.Lines));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        await renewal.StopAsync(CancellationToken.None);

        log.Lines.Select(line => double.Parse(Pause().Match(line).Groups[1].Value, CultureInfo.InvariantCulture)).ShouldAllBe(pause => pause <= Lease.TotalSeconds / 6);
    }

    private static ClaimedStep Claim => new()
    {
        RunId = Guid.CreateVersion7(), Node = "n", Attempt = 1, Failures = 0, Token = 1, Project = "default", FlowId = Guid.CreateVersion7(), Revision = 1,
    };

    [GeneratedRegex(@"goes on in ([0-9.]+) s")]
    private static partial Regex Pause();
}
