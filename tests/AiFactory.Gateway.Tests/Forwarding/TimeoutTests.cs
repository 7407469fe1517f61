using System.Net;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Gateway.Tests.OpenAI;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Gateway.Tests.Forwarding;

public sealed class TimeoutTests
{
    private const string StreamBody = """{"model":"demo-chat","stream":true,"messages":[]}""";

    [Theory]
    [InlineData(true, "Forwarding:FirstTokenTimeout")]
    [InlineData(false, "Forwarding:CompletionTimeout")]
    public async Task A_replica_that_hangs_is_replaced_and_two_of_them_are_a_504_that_names_the_limit(bool stream, string setting)
    {
        await using var a = await FakeWorker.StartedAsync(HangAsync);
        await using var b = await FakeWorker.StartedAsync(HangAsync);
        await using var c = await FakeWorker.StartedAsync(HangAsync);
        // Long enough for a request to reach a worker of a machine that does much else: what is given up before has not been seen.
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(a, b, c), (setting, "00:00:01"));

        using var response = await gateway.ChatAsync(stream ? StreamBody : """{"model":"demo-chat"}""");

        response.StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);
        var error = await EnvelopeTests.ErrorAsync(response);
        error.GetProperty("code").GetString().ShouldBe("upstream_timeout");
        error.GetProperty("message").GetString().ShouldNotBeNull().ShouldContain(setting);
        (a.Seen.Count + b.Seen.Count + c.Seen.Count).ShouldBe(2, "what is too long for two is too long for the third");
    }

    [Fact]
    public async Task A_hung_replica_costs_no_request_while_another_answers()
    {
        await using var hung = await FakeWorker.StartedAsync(async context =>
        {
            // The stream is open, and so far there is nothing in it.
            await FakeWorker.WriteEventAsync(context, ": waiting\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n");
            await HangAsync(context);
        });
        await using var alive = await FakeWorker.StartedAsync(context => FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("one") + "data: [DONE]\n\n"));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(hung, alive), ("Forwarding:FirstTokenTimeout", "00:00:01.500"));

        for (var i = 0; i < 12; i++)
        {
            using var response = await gateway.ChatAsync(StreamBody);
            (await GatewayUnderTest.TextAsync(response)).ShouldBe(FakeWorker.Chunk("one") + "data: [DONE]\n\n");
        }

        hung.Seen.Count.ShouldBeInRange(1, 4, "it is set aside");
    }

    [Fact]
    public async Task The_time_for_the_whole_ends_a_stream_that_never_falls_silent()
    {
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("again"));
                await Task.Delay(20, context.RequestAborted);
            }
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), ("Forwarding:TotalTimeout", "00:00:00.400"));

        using var response = await gateway.ChatAsync(StreamBody);
        var text = await GatewayUnderTest.TextAsync(response);

        text.ShouldContain("\"code\":\"upstream_timeout\"");
        text.ShouldContain("Forwarding:TotalTimeout");
    }

    private static Task HangAsync(HttpContext context) => Task.Delay(Timeout.Infinite, context.RequestAborted);
}
