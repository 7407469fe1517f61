using System.Net;
using AiFactory.Contracts;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing.Postgres;

namespace AiFactory.Gateway.Tests.Limits;

/// <summary>A gateway that is killed takes nothing of a budget with it, and nothing that it spent is spent again.</summary>
public sealed class LeaseKillTests(PostgresFixture postgres, ITestOutputHelper output)
{
    private const int Budget = 600;
    private const string Body = """{"model":"demo-chat"}""";

    [Fact]
    public async Task Of_a_budget_that_two_gateways_share_while_one_is_killed_exactly_all_is_spent()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        var plan = Plan.Chat(worker).Limited(LimitScopes.Project, LimitMeasures.Requests, LimitPeriods.Total, Budget);
        await using var library = await FakeLibrary.StartedAsync(plan.Snapshot());
        await using var killed = new GatewayProcess(library, ledger.Setting, ("Metering:ShipInterval", "00:00:00.100"));
        await killed.StartAsync();
        await using var other = await GatewayUnderTest.StartAsync(plan, ledger.Setting);

        // 1. Both are asked all the while, the one that lives more slowly.
        using var enough = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 8).Select(_ => AskAsync(killed.Client, TimeSpan.Zero, enough.Token)).Append(AskAsync(other.Client, TimeSpan.FromMilliseconds(10), enough.Token)).ToArray();
        await GatewayUnderTest.UntilAsync(() => worker.Seen.Count >= 100);
        killed.Kill();
        await killed.StartAsync();

        // 2. In the end all is spent: what the killed one held came back, but for what it had used.
        await ledger.SpentAsync(Budget);
        await enough.CancelAsync();
        var answered = (await Task.WhenAll(clients)).Sum();
        (await SendAsync(killed.Client)).ShouldBe(HttpStatusCode.TooManyRequests);
        (await SendAsync(other.Client)).ShouldBe(HttpStatusCode.TooManyRequests);
        var rows = await ledger.RowsAsync(Budget);
        rows.Count(row => row.Outcome is not ("failed" or "deadline")).ShouldBe(Budget);
        worker.Seen.Count.ShouldBeInRange(answered, Budget);
        output.WriteLine($"{answered} answered, {worker.Seen.Count} at the upstream; the ledger: {string.Join(", ", rows.CountBy(row => row.Outcome))}");
    }

    private static async Task<int> AskAsync(HttpClient client, TimeSpan between, CancellationToken enough)
    {
        var answered = 0;
        while (!enough.IsCancellationRequested)
        {
            try
            {
                answered += await SendAsync(client) == HttpStatusCode.OK ? 1 : 0;
                await Task.Delay(between, TestContext.Current.CancellationToken);
            }
            catch (HttpRequestException)
            {
                // It is dead just now.
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }

        return answered;
    }

    private static async Task<HttpStatusCode> SendAsync(HttpClient client)
    {
        using var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: Body);
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
