using System.Text;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing.Postgres;

namespace AiFactory.Gateway.Tests.Forwarding;

/// <summary>Buffering proxies and serverless hosts declare the length of a stream.</summary>
public sealed class DeclaredLengthTests(PostgresFixture postgres)
{
    private const string Body = """{"model":"demo-chat","stream":true,"messages":[]}""";
    private const string UsageEvent = "data: {\"id\":\"1\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":7,\"total_tokens\":16}}\n\n";

    [Fact]
    public async Task A_stream_whose_usage_event_is_taken_out_is_whole()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await WorkerAsync(FakeWorker.Chunk("one") + UsageEvent + "data: [DONE]\n\n", missing: 0);
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), ledger.Setting);

        using var response = await gateway.ChatAsync(Body);

        response.Content.Headers.ContentLength.ShouldBeNull();
        (await GatewayUnderTest.TextAsync(response)).ShouldBe(FakeWorker.Chunk("one") + "data: [DONE]\n\n");
    }

    [Fact]
    public async Task A_stream_that_falls_silent_before_its_length_ends_with_an_error_event()
    {
        await using var worker = await WorkerAsync(FakeWorker.Chunk("one"), missing: 10);
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), ("Forwarding:IdleTimeout", "00:00:00.200"));

        using var response = await gateway.ChatAsync(Body);

        var text = await GatewayUnderTest.TextAsync(response);
        text.ShouldStartWith(FakeWorker.Chunk("one") + "data: {\"error\":");
        text.ShouldContain("upstream_timeout");
    }

    private static Task<FakeWorker> WorkerAsync(string text, int missing) => FakeWorker.StartedAsync(async context =>
    {
        context.Response.ContentLength = Encoding.UTF8.GetByteCount(text) + missing;
        await FakeWorker.WriteEventAsync(context, text);
        if (missing > 0)
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }
    });
}
