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
    private static readonly (string, string)[] Quick = [("Limits:Heartbeat", "00:00:00.200"), ("Limits:Wait", "00:00:00.500")];

    [Fact]
    public async Task Of_a_budget_that_two_gateways_share_exactly_all_is_spent_though_one_was_killed_with_what_it_spent_on_its_disk_alone()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        var plan = Plan.Chat(worker).Limited(LimitScopes.Project, LimitMeasures.Requests, LimitPeriods.Total, Budget);
        await using var library = await FakeLibrary.StartedAsync(plan.Snapshot());
        await using var killed = new GatewayProcess(library, [ledger.Setting, .. Quick]);
        await killed.StartAsync();
        await using var other = await GatewayUnderTest.StartAsync(plan, [ledger.Setting, .. Quick]);
        while (await SendAsync(killed.Client) is var status && status != HttpStatusCode.OK)
        {
            status.ShouldBe(HttpStatusCode.ServiceUnavailable); // its database is looked at while it starts, which takes a moment on a busy machine
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        await ledger.SpentAsync(1);

        // 1. It spends what the database hears nothing of, and is killed in the middle of it.
        var answered = 1;
        await using (await ledger.CloseAsync())
        {
            using (var enough = new CancellationTokenSource())
            {
                var clients = Enumerable.Range(0, 8).Select(_ => AskAsync(killed.Client, enough.Token)).ToArray();
                await GatewayUnderTest.UntilAsync(() => worker.Seen.Count >= 100);
                killed.Kill();
                await enough.CancelAsync();
                answered += (await Task.WhenAll(clients)).Sum();
            }

            // 2. What it held is nobody's: neither while it is dead, nor when it is back and what it spent has not come.
            answered += await DrainAsync(other.Client);
            worker.Seen.Count.ShouldBeLessThan(Budget, "what the killed one held is not free");
            var before = await ledger.HoldersAsync();
            before.Length.ShouldBe(2);
            await killed.StartAsync();
            while ((await ledger.HoldersAsync()).Except(before).ToArray() is [])
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            (await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => SendAsync(other.Client)))).ShouldAllBe(status => status == HttpStatusCode.TooManyRequests);
        }

        // 3. When that has come, the rest is there again, and no more.
        using (var enough = new CancellationTokenSource())
        {
            var clients = new[] { killed.Client, other.Client }.Select(client => AskAsync(client, enough.Token)).ToArray();
            await ledger.SpentAsync(Budget);
            await enough.CancelAsync();
            answered += (await Task.WhenAll(clients)).Sum();
        }

        (await SendAsync(killed.Client)).ShouldBe(HttpStatusCode.TooManyRequests);
        (await SendAsync(other.Client)).ShouldBe(HttpStatusCode.TooManyRequests);
        var rows = await ledger.RowsAsync(Budget);
        rows.Count.ShouldBe(Budget);
        worker.Seen.Count.ShouldBeInRange(answered, Budget);
        output.WriteLine($"{answered} answered, {worker.Seen.Count} at the upstream; the ledger: {string.Join(", ", rows.CountBy(row => row.Outcome))}");
    }

    /// <summary>Until it is refused.</summary>
    private static async Task<int> DrainAsync(HttpClient client)
    {
        var answered = 0;
        while (await SendAsync(client) == HttpStatusCode.OK)
        {
            answered++;
        }

        return answered;
    }

    private static async Task<int> AskAsync(HttpClient client, CancellationToken enough)
    {
        var answered = 0;
        while (!enough.IsCancellationRequested)
        {
            try
            {
                answered += await SendAsync(client) == HttpStatusCode.OK ? 1 : 0;
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
