using AiFactory.Gateway.Tests.Edges;
using AiFactory.Gateway.Tests.Sockets;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Gateway.Tests.Metering;

/// <summary>The ledger has one record of a request in whichever protocol it came.</summary>
public sealed class ProtocolTests(PostgresFixture postgres)
{
    private const string Usage = """{"prompt_tokens":9,"completion_tokens":7,"total_tokens":16}""";
    private const string Message = """{"model":"demo-chat","max_tokens":8,"messages":[{"role":"user","content":"Hi"}]}""";
    private const string Streamed = """{"model":"demo-chat","stream":true,"messages":[]}""";

    [Fact]
    public async Task Each_leaves_one_record_with_its_tokens_and_what_reaches_no_model_leaves_none()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync(AnswerAsync);
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(Plan.Deployment("demo-chat", worker), Plan.Deployment("last", worker)), ledger.Setting);
        foreach (var (method, path, body) in new[]
        {
            (HttpMethod.Post, "/v1/messages", Message),
            (HttpMethod.Post, "/v1/messages", Message.Replace("{\"model\"", "{\"stream\":true,\"model\"", StringComparison.Ordinal)),
            (HttpMethod.Post, "/v1/messages/count_tokens", Message),
            (HttpMethod.Post, "/api/infer", """{"model":"demo-chat","payload":{"messages":[]}}"""),
            (HttpMethod.Post, "/v2/models/demo-chat/infer", "{}"),
            (HttpMethod.Get, "/v2/models/demo-chat", ""),
            (HttpMethod.Get, "/v2/models/demo-chat/ready", ""),
            (HttpMethod.Get, "/v2", ""),
            (HttpMethod.Post, "/v1/messages", "{}"),
            (HttpMethod.Post, "/v1/messages", Message.Replace("demo-chat", "nobody", StringComparison.Ordinal)),
            (HttpMethod.Post, "/v2/models/nobody/infer", "{}"),
        })
        {
            using var response = await gateway.SendAsync(GatewayUnderTest.Request(method, path, json: body.Length > 0 ? body : null));
            await GatewayUnderTest.TextAsync(response);
        }

        using (var socket = await SocketClient.OpenAsync(gateway))
        {
            await socket.SendAsync("""{"model":"nobody"}""");
            await socket.ReadAsync();
            await socket.SendAsync(Streamed);
            while (await socket.ReadAsync() is { } message && !message.TryGetProperty("type", out _))
            {
                message.TryGetProperty("usage", out _).ShouldBeFalse("it did not ask for it");
            }
        }

        // Records come in their order: behind the last there is none.
        using var last = await gateway.ChatAsync("""{"model":"last"}""");
        var rows = await ledger.UntilAsync(rows => rows.Any(row => row.RequestedModel == "last"));

        rows.Select(row => (row.Operation, row.Stream, row.PromptTokens, row.CompletionTokens, row.Status, row.Outcome)).ShouldBe(
            [
                ("chat/completions", false, 9, 7, 200, "answered"), ("chat/completions", true, 9, 7, 200, "answered"), ("tokenize", false, null, null, 200, "answered"),
                ("chat/completions", false, 9, 7, 200, "answered"), ("v2/models/{model}/infer", false, 9, 7, 200, "answered"), ("v2/models/{model}", false, 9, 7, 200, "answered"),
                ("chat/completions", true, 9, 7, 200, "answered"), ("chat/completions", false, 9, 7, 200, "answered"),
            ]);
        rows.ShouldAllBe(row => !row.Estimated);
        rows.Select(row => row.RequestId).Distinct().Count().ShouldBe(rows.Count);
    }

    [Fact]
    public async Task A_request_that_is_cancelled_by_a_message_is_one_that_its_client_left()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("Hel"));
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), ledger.Setting);
        using var socket = await SocketClient.OpenAsync(gateway);

        await socket.SendAsync(Streamed);
        await socket.ReadAsync();
        await socket.SendAsync("""{"type":"cancel"}""");
        await socket.ReadAsync();

        var row = (await ledger.RowsAsync(1)).Single();
        (row.Outcome, row.CompletionTokens, row.Estimated).ShouldBe(("client-left", 1, true));
    }

    private static Task AnswerAsync(HttpContext context) => context switch
    {
        { Request.Path.Value: "/tokenize" } => FakeWorker.WriteJsonAsync(context, """{"count":3}"""),
        { Items: var items } when items[FakeWorker.BodyItem] is string body && body.Contains("\"stream\":true", StringComparison.Ordinal) => FakeWorker.WriteEventAsync(
            context, $$"""{{FakeWorker.Chunk("one").Replace("\"finish_reason\":null", "\"finish_reason\":\"stop\"", StringComparison.Ordinal)}}data: {"id":"1","choices":[],"usage":{{Usage}}}""" + "\n\ndata: [DONE]\n\n"),
        _ => FakeWorker.WriteJsonAsync(context, $$"""{"id":"1","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{{Usage}}}"""),
    };
}
