using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Gateway.Tests.Infer;

/// <summary>FEATURES row 3: one envelope for every kind of model.</summary>
public sealed class InferTests
{
    private const string Embedding = """{"object":"list","model":"demo-embed","data":[{"object":"embedding","index":0,"embedding":[0.5]}],"usage":{"prompt_tokens":3,"total_tokens":3}}""";

    [Fact]
    public async Task The_answers_of_a_language_model_and_of_an_embedding_model_validate_against_one_schema()
    {
        await using var chat = await FakeWorker.StartedAsync();
        await using var embed = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, Embedding));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(
            Plan.Deployment("demo-chat", chat), Plan.Deployment("demo-embed", "default", "embedding", "project", embed)));

        using var chatted = await InferAsync(gateway, """{"model":"demo-chat","payload":{"messages":[{"role":"user","content":"Hi"}],"top_k":7,"model":"other"}}""");
        using var embedded = await InferAsync(gateway, """{"payload":{"input":"a text"},"model":"demo-embed"}""");
        var answers = new[] { await JsonAsync(chatted), await JsonAsync(embedded) };

        (await FaultsAsync(answers)).ShouldBe([null, null]);
        answers[0]["output"]!["choices"]![0]!["message"]!["content"]!.ToString().ShouldBe("Hello"); // the worker's answer has them
        answers[1]["output"]!["data"]![0]!["embedding"]![0]!.GetValue<double>().ShouldBe(0.5); // and this one's
        JsonNode.DeepEquals(JsonNode.Parse(chat.Seen.Single().Body), JsonNode.Parse("""{"model":"demo-chat","messages":[{"role":"user","content":"Hi"}],"top_k":7}""")).ShouldBeTrue();
        (chat.Seen.Single().Target, embed.Seen.Single().Target).ShouldBe(("/v1/chat/completions", "/v1/embeddings"));
    }

    /// <summary>Lest the schema takes anything.</summary>
    [Fact]
    public async Task The_schema_refuses_what_is_no_envelope()
    {
        var faults = await FaultsAsync(JsonNode.Parse(FakeWorker.Completion)!, JsonNode.Parse("""{"model":"m","task":"chat","output":{},"usage":{"prompt_tokens":"9"}}""")!); // both are objects

        faults.ShouldAllBe(fault => fault != null);
    }

    [Theory]
    [InlineData("""{"payload":{}}""", 400, "missing_required_parameter")]
    [InlineData("""{"model":7,"payload":{}}""", 400, "invalid_type")]
    [InlineData("""{"model":"demo-chat"}""", 400, "'payload' must be an object")]
    [InlineData("""{"model":"demo-chat","payload":[]}""", 400, "'payload' must be an object")]
    [InlineData("""{"model":"demo-chat","payload":{"stream":true}}""", 400, "/v1/chat/completions")]
    [InlineData("""{"model":"nobody","payload":{}}""", 404, "model_not_found")]
    [InlineData("""{"model":"demo-chat","payload":{"a":"\ud800"}}""", 400, "not valid Unicode")]
    [InlineData("""[]""", 400, "it is not an object")]
    public async Task A_bad_request_is_a_problem_that_names_what_is_wrong(string body, int status, string text)
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        using var response = await InferAsync(gateway, body);

        ((int)response.StatusCode).ShouldBe(status);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json"); // it has a body
        (await GatewayUnderTest.TextAsync(response)).ShouldContain(text);
        worker.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_refusal_of_the_model_keeps_its_status_and_its_words()
    {
        await using var worker = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(
            context, """{"error":{"message":"The prompt is too long.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}""", 422));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        using var response = await InferAsync(gateway, """{"model":"demo-chat","payload":{"messages":[]}}""");
        var problem = JsonDocument.Parse(await GatewayUnderTest.TextAsync(response)).RootElement;

        response.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        problem.GetProperty("detail").GetString().ShouldBe("The prompt is too long.");
        problem.GetProperty("param").GetString().ShouldBe("messages");
        problem.GetProperty("code").GetString().ShouldBe("context_length_exceeded");
    }

    /// <summary>In the gateway's words, as everywhere: other replicas were asked, or would have been.</summary>
    [Fact]
    public async Task A_model_that_takes_no_more_requests_is_a_429_that_says_when_to_come_again()
    {
        await using var worker = await FakeWorker.StartedAsync(context =>
        {
            context.Response.Headers.RetryAfter = "30";
            return FakeWorker.WriteJsonAsync(context, """{"error":{"message":"Too many at once.","type":"rate_limit","param":null,"code":"queue_full"}}""", 429);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        using var response = await InferAsync(gateway, """{"model":"demo-chat","payload":{"messages":[]}}""");
        var problem = JsonDocument.Parse(await GatewayUnderTest.TextAsync(response)).RootElement;

        response.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        response.Headers.RetryAfter!.Delta.ShouldNotBeNull().TotalSeconds.ShouldBeInRange(29, 30); // the worker asked for it
        problem.GetProperty("code").GetString().ShouldBe("upstream_overloaded");
    }

    [Fact]
    public async Task A_worker_that_breaks_off_is_a_502_and_no_half_an_envelope()
    {
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync("""{"choices":[""", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            context.Abort();
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        using var response = await InferAsync(gateway, """{"model":"demo-chat","payload":{"messages":[]}}""");

        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await GatewayUnderTest.TextAsync(response)).ShouldContain("upstream_failed");
    }

    [Fact]
    public async Task A_client_that_leaves_cancels_at_the_worker()
    {
        var left = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            context.RequestAborted.Register(() => left.TrySetResult());
            await left.Task;
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));
        using var leaving = new CancellationTokenSource();

        var asking = gateway.Client.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/api/infer", json: """{"model":"demo-chat","payload":{"messages":[]}}"""), leaving.Token);
        await GatewayUnderTest.UntilAsync(() => !worker.Seen.IsEmpty);
        await leaving.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => asking);
        await left.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    private static Task<HttpResponseMessage> InferAsync(GatewayUnderTest gateway, string body) => gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/api/infer", json: body));

    private static async Task<JsonNode> JsonAsync(HttpResponseMessage response) => JsonNode.Parse(await GatewayUnderTest.TextAsync(response)) ?? throw new InvalidOperationException("The answer is null.");

    private static async Task<string?[]> FaultsAsync(params JsonNode[] values)
    {
        var schema = await File.ReadAllTextAsync(Path.Combine(RepositoryFolder.Root, "tests", "AiFactory.Gateway.Tests", "Infer", "envelope.schema.json"), TestContext.Current.CancellationToken);
        var input = new JsonObject { ["schema"] = JsonNode.Parse(schema), ["values"] = new JsonArray([.. values.Select(value => value.DeepClone())]) };
        var answer = await ClientPackages.Npm.RunAsync("validate.mjs", new Dictionary<string, string>(), input.ToJsonString(), TestContext.Current.CancellationToken);
        return JsonSerializer.Deserialize<string?[]>(answer) ?? [];
    }
}
