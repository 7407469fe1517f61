using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Gateway.Tests.Caching;

/// <summary>FEATURES, row 18: vectors, text by text.</summary>
public sealed class EmbeddingCacheTests(PostgresFixture postgres)
{
    private static readonly CachePolicy Policy = new() { Embeddings = true };

    [Fact]
    public async Task A_thousand_texts_embedded_twice_ask_the_worker_once_and_have_the_same_vectors_in_their_order()
    {
        await using var worker = await EmbeddingAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Of(worker));
        var texts = Enumerable.Range(0, 1000).Select(i => $"text {i} é \"😀\"").ToArray();
        var body = JsonSerializer.Serialize(new { model = "embed", input = texts });
        var shuffled = JsonSerializer.Serialize(new { input = texts.Reverse(), model = "embed" });

        var (_, first) = await AskAsync(gateway, body);
        var (mark, second) = await AskAsync(gateway, body);
        var (_, third) = await AskAsync(gateway, shuffled);

        mark.ShouldBe("hit");
        worker.Seen.Count.ShouldBe(1);
        Vectors(second).ShouldBe(Vectors(first), "byte for byte");
        Vectors(third).ShouldBe(Vectors(first).Reverse());
        second["data"]?.AsArray().Select(item => item?["index"]?.GetValue<int>()).ShouldBe(Enumerable.Range(0, 1000).Cast<int?>());
        (Prompt(second), Cached(second)).ShouldBe((Prompt(first), Prompt(first)), "what a text's tokens are is an estimate, and together they are what the worker counted");
    }

    [Fact]
    public async Task Only_what_is_missing_is_asked_for_and_that_once()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await EmbeddingAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Of(worker), ledger.Setting);
        await AskAsync(gateway, """{"model":"embed","input":["b"]}""");

        var (mark, answer) = await AskAsync(gateway, """{ "input" : ["a", "b", "\u0063", "a", "c"], "model":"embed", "dimensions" : null }""".Replace(", \"dimensions\" : null", "", StringComparison.Ordinal));

        mark.ShouldBe("partial");
        worker.Seen.Last().Body.ShouldBe("""{ "input" : ["a","\u0063"], "model":"embed" }""");
        Vectors(answer).ShouldBe([VectorOf("a"), VectorOf("b"), VectorOf("c"), VectorOf("a"), VectorOf("c")]);
        (Prompt(answer), Cached(answer)).ShouldBe((15, 5));

        var rows = await ledger.RowsAsync(2);
        rows.Select(row => (row.Cache, row.PromptTokens)).ShouldBe([("miss", 5L), ("partial", 10L)]);
        var (again, _) = await AskAsync(gateway, """{"model":"embed","input":["c","a"]}""");
        again.ShouldBe("hit");
    }

    [Fact]
    public async Task A_text_is_found_again_where_the_same_is_asked_of_it()
    {
        await using var worker = await EmbeddingAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Of(worker));
        (string Body, string Mark)[] cases =
        [
            ("""{"model":"embed","input":"a"}""", "hit"),
            ("""{"input":["\u0061"],"user":"ada","model":"embed"}""", "hit"),
            ("""{"model":"embed","input":["a"],"encoding_format":"base64"}""", "miss"),
            ("""{"model":"embed","input":["a"],"dimensions":2}""", "miss"),
            ("""{"model":"embed","input":["A"]}""", "miss"),
            ("""{"model":"embed","input":[1,2]}""", "hit"),
            ("""{"model":"embed","input":[[ 1, 2 ]]}""", "hit"),
            ("""{"model":"embed","input":[[1,2],[3]]}""", "partial"),
            ("""{"model":"embed","input":[12]}""", "miss"),
            ("""{"model":"embed","input":["1","2"]}""", "miss"),
            ("""{"model":"embed","input":["a",[1,2]]}""", "bypass"),
            ("""{"model":"embed","input":[{"text":"a"}]}""", "bypass"),
            ("""{"model":"embed","input":[]}""", "bypass"),
            ("""{"model":"embed","input":["b"],"input":["a"]}""", "bypass"),
        ];
        foreach (var (i, (body, mark)) in cases.Index())
        {
            await AskAsync(gateway, Salted("""{"model":"embed","input":["a"]}""", i));
            await AskAsync(gateway, Salted("""{"model":"embed","input":[1,2]}""", i));

            var (found, _) = await AskAsync(gateway, Salted(body, i));

            found.ShouldBe(mark, body);
        }
    }

    [Fact]
    public async Task No_vector_reaches_another_project_or_another_version()
    {
        await using var worker = await EmbeddingAsync();
        var plan = Plan.Of(Plan.Deployment("embed", "default", "embedding", "factory", worker) with { Cache = Policy });
        await using var gateway = await GatewayUnderTest.StartAsync(plan);
        const string body = """{"model":"embed","input":["a"]}""";

        (await AskAsync(gateway, body)).Mark.ShouldBe("miss");
        (await AskAsync(gateway, body, Plan.OtherKey)).Mark.ShouldBe("miss");
        await gateway.PublishAsync(plan with { Version = 2, Deployments = [plan.Deployments[0] with { Digest = "sha256:01" }] });
        (await AskAsync(gateway, body)).Mark.ShouldBe("miss");
        (await AskAsync(gateway, body)).Mark.ShouldBe("hit");
    }

    /// <summary>A vector that may be another text's would stay wrong for as long as it is kept.</summary>
    [Fact]
    public async Task Vectors_that_are_not_certainly_the_texts_are_neither_kept_nor_mixed_with_others()
    {
        await using var worker = await EmbeddingAsync();
        var sound = worker.Script;
        await using var gateway = await GatewayUnderTest.StartAsync(Of(worker));
        string[] cases =
        [
            """{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[2]}]}""",
            """{"data":[]}""",
            """{"data":[{"index":1,"embedding":[1]}]}""",
            """{"data":[{"index":0,"embedding":[1],"sparse":{}}]}""",
            """{"data":[{"index":0,"embed""",
        ];
        foreach (var (i, odd) in cases.Index())
        {
            worker.Script = sound;
            await KeepAsync(gateway, Salted("""{"model":"embed","input":["a"]}""", i));
            worker.Script = context => FakeWorker.WriteJsonAsync(context, odd);

            using var alone = await SendAsync("""{"model":"embed","input":["b"]}""", i);
            using var mixed = await SendAsync("""{"model":"embed","input":["a","b"]}""", i);
            using var again = await SendAsync("""{"model":"embed","input":["b"]}""", i);

            (await GatewayUnderTest.TextAsync(alone)).ShouldBe(odd);
            ResponseCacheTests.Mark(again).ShouldBe("miss");
            mixed.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
            (await GatewayUnderTest.TextAsync(mixed)).ShouldContain("upstream_failed");
        }

        Task<HttpResponseMessage> SendAsync(string body, int salt) => gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/v1/embeddings", json: Salted(body, salt)));
    }

    [Fact]
    public async Task What_another_model_answers_in_its_place_is_not_put_together_with_what_is_kept()
    {
        await using var worker = await EmbeddingAsync();
        await using var other = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(
            context, """{"object":"list","data":[{"object":"embedding","index":0,"embedding":[7]},{"object":"embedding","index":1,"embedding":[8]}],"usage":{"prompt_tokens":2,"total_tokens":2}}"""));
        await using var gateway = await GatewayUnderTest.StartAsync(
            Plan.Of(
                Plan.Deployment("embed", "default", "embedding", "project", worker) with { Cache = Policy, Traffic = new TrafficPolicy { Fallbacks = ["other"] } },
                Plan.Deployment("other", "default", "embedding", "project", other)),
            ("Retries:Delay", "00:00:00.001"));
        await AskAsync(gateway, """{"model":"embed","input":["a"]}""");
        worker.Script = context => FakeWorker.WriteJsonAsync(context, "{}", 503);

        var (_, answer) = await AskAsync(gateway, """{"input":["a","b"],"model":"embed"}""");

        other.Seen.Single().Body.ShouldBe("""{"input":["a","b"],"model":"other"}""");
        Vectors(answer).ShouldBe(["[7]", "[8]"]);
    }

    [Fact]
    public async Task More_texts_than_one_request_may_have_are_the_models_to_refuse()
    {
        await using var worker = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, """{"error":{"message":"too many"}}""", 400));
        await using var gateway = await GatewayUnderTest.StartAsync(Of(worker));
        var body = JsonSerializer.Serialize(new { model = "embed", input = Enumerable.Repeat("x", 2049) });

        using var refused = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/v1/embeddings", json: body));

        (refused.StatusCode, ResponseCacheTests.Mark(refused)).ShouldBe((HttpStatusCode.BadRequest, "bypass"));
        worker.Seen.Single().Body.ShouldBe(body);
    }

    [Fact]
    public async Task A_refusal_of_what_was_missing_passes_as_it_is()
    {
        await using var worker = await EmbeddingAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Of(worker));
        await AskAsync(gateway, """{"model":"embed","input":["a"]}""");
        worker.Script = context => FakeWorker.WriteJsonAsync(context, """{"error":{"message":"too long"}}""", 400);

        using var refused = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/v1/embeddings", json: """{"model":"embed","input":["a","b"]}"""));

        (refused.StatusCode, await GatewayUnderTest.TextAsync(refused)).ShouldBe((HttpStatusCode.BadRequest, """{"error":{"message":"too long"}}"""));
    }

    [Fact]
    public async Task Equal_requests_at_once_ask_once_and_all_get_their_vectors()
    {
        var go = new TaskCompletionSource();
        await using var worker = await EmbeddingAsync();
        var script = worker.Script;
        worker.Script = async context =>
        {
            await go.Task;
            await script(context);
        };
        await using var gateway = await GatewayUnderTest.StartAsync(Of(worker));
        const string body = """{"model":"embed","input":["a","b"]}""";

        var leader = AskAsync(gateway, body);
        await GatewayUnderTest.UntilAsync(() => worker.Seen.Count == 1);
        var followers = Enumerable.Range(0, 10).Select(_ => AskAsync(gateway, body)).ToArray();
        go.SetResult();

        await leader;
        (await Task.WhenAll(followers)).ShouldAllBe(one => one.Mark == "hit");
        worker.Seen.Count.ShouldBe(1);
    }

    /// <summary>Nothing of another case is found in it.</summary>
    private static string Salted(string body, int salt) => string.Create(CultureInfo.InvariantCulture, $"{{\"salt\":{salt},{body[1..]}");

    internal static Plan Of(FakeWorker worker) => Plan.Of(Plan.Deployment("embed", "default", "embedding", "project", worker) with { Cache = Policy });

    /// <summary>A client has its answer before that is kept: asks until it is.</summary>
    private static async Task KeepAsync(GatewayUnderTest gateway, string body)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await AskAsync(gateway, body)).Mark != "hit")
        {
            limit.Token.ThrowIfCancellationRequested();
        }
    }

    internal static async Task<(string Mark, JsonNode Answer)> AskAsync(GatewayUnderTest gateway, string body, string key = Plan.DeveloperKey)
    {
        using var response = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/v1/embeddings", key, body));
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (ResponseCacheTests.Mark(response), JsonNode.Parse(await GatewayUnderTest.TextAsync(response)) ?? throw new InvalidDataException("no JSON"));
    }

    /// <summary>A vector tells its text; each text has five tokens.</summary>
    internal static Task<FakeWorker> EmbeddingAsync() => FakeWorker.StartedAsync(async context =>
    {
        using var body = JsonDocument.Parse((string)context.Items[FakeWorker.BodyItem]!); // the worker sets it
        var input = body.RootElement.GetProperty("input");
        string[] items = input.ValueKind == JsonValueKind.Array && input.EnumerateArray().All(item => item.ValueKind != JsonValueKind.Number) ? [.. input.EnumerateArray().Select(item => item.ToString())] : [input.ToString()];
        var data = string.Join(',', items.Select((item, i) => string.Create(CultureInfo.InvariantCulture, $"{{\"object\":\"embedding\",\"index\":{i},\"embedding\":{VectorOf(item)}}}")));
        await FakeWorker.WriteJsonAsync(
            context, string.Create(CultureInfo.InvariantCulture, $"{{\"object\":\"list\",\"data\":[{data}],\"model\":\"embed\",\"usage\":{{\"prompt_tokens\":{5 * items.Length},\"total_tokens\":{5 * items.Length}}}}}"));
    });

    /// <summary>Numbers in forms that a parser would not give back.</summary>
    private static string VectorOf(string text) => $"[1.50,-0.0,1e-7,{string.Join(',', Encoding.UTF8.GetBytes(text))}]";

    private static IEnumerable<string?> Vectors(JsonNode answer) => answer["data"]?.AsArray().Select(item => item?["embedding"]?.ToJsonString()) ?? [];

    private static int? Prompt(JsonNode answer) => answer["usage"]?["prompt_tokens"]?.GetValue<int>();

    private static int? Cached(JsonNode answer) => answer["usage"]?["prompt_tokens_details"]?["cached_tokens"]?.GetValue<int>();
}
