using System.Collections.Concurrent;
using System.Globalization;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing.Postgres;

namespace AiFactory.Gateway.Tests.Metering;

/// <summary>A real gateway under load, killed again and again, and an upstream that keeps its own count.</summary>
public sealed class KillTests(PostgresFixture postgres, ITestOutputHelper output)
{
    private const int Kills = 6;
    private const int Clients = 16;
    private const int AnswersBetweenKills = 150;

    /// <summary>Carries the tokens that the upstream is to answer with; a request with an odd number of them is a stream.</summary>
    private const string TokensHeader = "x-tokens";

    [Fact]
    public async Task After_kills_under_load_the_ledger_equals_what_the_upstream_counted()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        var begun = new ConcurrentDictionary<string, int>();
        await using var worker = await FakeWorker.StartedAsync();
        worker.Script = async context =>
        {
            var tokens = int.Parse(context.Request.Headers[TokensHeader].ToString(), CultureInfo.InvariantCulture);
            begun.AddOrUpdate(context.Request.Headers["x-request-id"].ToString(), tokens, (_, _) => throw new InvalidOperationException("one request came twice"));
            var usage = $$$"""{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":{{{tokens}}}}}""";
            if (tokens % 2 == 0)
            {
                await FakeWorker.WriteJsonAsync(context, usage);
                return;
            }

            for (var i = 0; i < tokens; i++)
            {
                await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("x"));
            }

            await FakeWorker.WriteEventAsync(context, $"data: {usage}\n\ndata: [DONE]\n\n");
        };
        await using var library = await FakeLibrary.StartedAsync(Plan.Chat(worker).Snapshot());
        await using var gateway = new GatewayProcess(library, ledger.Setting, ("Metering:ShipInterval", "00:00:00.200"));
        await gateway.StartAsync();

        // 1. Clients ask all the while; a kill comes whenever so many more were answered.
        using var enough = new CancellationTokenSource();
        var answered = new ConcurrentDictionary<string, int>();
        var clients = Enumerable.Range(0, Clients).Select(client => AskAsync(gateway, client, answered, enough.Token)).ToArray();
        for (var kill = 1; kill <= Kills; kill++)
        {
            await GatewayUnderTest.UntilAsync(() => answered.Count >= kill * AnswersBetweenKills);
            gateway.Kill();
            await gateway.StartAsync();
        }

        await enough.CancelAsync();
        await Task.WhenAll(clients);

        // 2. Each request that the upstream saw is there, once; nothing is there that it did not see, but requests that were cut off before they were sent.
        var rows = await ledger.UntilAsync(rows => begun.Keys.Except(rows.Select(row => row.RequestId)).ToArray() is []);
        rows.Select(row => row.RequestId).Distinct().Count().ShouldBe(rows.Count);
        rows.Where(row => !begun.ContainsKey(row.RequestId)).ShouldAllBe(row => row.Outcome != "answered" && row.CompletionTokens == null);

        // 3. What a client got whole has its exact tokens, and so has all else whose usage passed the gateway; the rest says that it is an estimate.
        var byId = rows.ToDictionary(row => row.RequestId);
        answered.ShouldAllBe(one => byId[one.Key].CompletionTokens == one.Value && !byId[one.Key].Estimated);
        rows.Where(row => row is { CompletionTokens: not null, Estimated: false }).ShouldAllBe(row => row.CompletionTokens == begun[row.RequestId] && row.PromptTokens == 3);
        rows.Where(row => row.Estimated).ShouldAllBe(row => row.CompletionTokens <= begun[row.RequestId] && row.Outcome != "answered");
        output.WriteLine($"{begun.Count} requests at the upstream, {answered.Count} answered whole; the ledger: {string.Join(", ", rows.CountBy(row => (row.Outcome, row.Estimated)))}");
    }

    private static async Task AskAsync(GatewayProcess gateway, int client, ConcurrentDictionary<string, int> answered, CancellationToken enough)
    {
        var random = new Random(client);
        for (var i = 0; !enough.IsCancellationRequested; i++)
        {
            var (id, tokens) = ($"{client}-{i}", random.Next(1, 60));
            using var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: $$"""{"model":"demo-chat","stream":{{(tokens % 2 == 1 ? "true" : "false")}}}""");
            request.Headers.Add("x-request-id", id);
            request.Headers.Add(TokensHeader, tokens.ToString(CultureInfo.InvariantCulture));
            try
            {
                using var response = await gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);
                var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
                if (response.IsSuccessStatusCode && (tokens % 2 == 0 || text.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal)))
                {
                    answered[id] = tokens;
                }
            }
            catch (HttpRequestException)
            {
                // The gateway is dead just now.
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }
    }
}
