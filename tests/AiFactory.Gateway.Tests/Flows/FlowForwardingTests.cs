using System.Net;
using System.Text;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Gateway.Tests.OpenAI;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Gateway.Tests.Flows;

public sealed class FlowForwardingTests
{
    private const string Chat = """{"model":"flow/support","messages":[{"role":"user","content":"Hi"}],"x":1}""";
    private const string Stream = """{"model":"flow/support","messages":[],"stream":true}""";

    [Fact]
    public async Task A_flows_request_reaches_the_builder_unchanged_with_the_callers_identity()
    {
        await using var builder = await FakeWorker.StartedAsync();
        await using var gateway = await StartAsync(builder);

        using var response = await gateway.ChatAsync(Chat);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await GatewayUnderTest.TextAsync(response)).ShouldBe(FakeWorker.Completion);
        var seen = builder.Seen.Single();
        seen.Target.ShouldBe("/v1/chat/completions");
        seen.Body.ShouldBe(Chat);
        var claims = Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(seen.Headers["Authorization"].Split('.')[1]));
        claims.ShouldContain("\"project\":\"default\"");
        claims.ShouldContain("inference.invoke");
        seen.Headers.Keys.ShouldNotContain("x-aifactory-deployment");
    }

    [Fact]
    public async Task A_stream_is_passed_on_piece_by_piece()
    {
        var seen = new TaskCompletionSource();
        await using var builder = await FakeWorker.StartedAsync(async context =>
        {
            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("one"));
            await seen.Task.WaitAsync(context.RequestAborted);
            await FakeWorker.WriteEventAsync(context, "data: [DONE]\n\n");
        });
        await using var gateway = await StartAsync(builder);

        using var response = await gateway.ChatAsync(Stream);
        await using var stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        (await reader.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldNotBeNull().ShouldContain("one");
        seen.SetResult();

        (await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).ShouldContain("[DONE]");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_leaves_ends_the_builders_request(bool begun)
    {
        var arrived = new TaskCompletionSource();
        var left = new TaskCompletionSource();
        await using var builder = await FakeWorker.StartedAsync(async context =>
        {
            context.RequestAborted.Register(left.SetResult);
            if (begun)
            {
                await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("one"));
            }

            arrived.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var gateway = await StartAsync(builder);
        using var leave = new CancellationTokenSource();

        var call = gateway.Client.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: Stream), leave.Token);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await leave.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(call);
        await left.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_builder_that_breaks_off_before_it_answers_is_a_502_and_is_not_asked_again()
    {
        await using var builder = await FakeWorker.StartedAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        await using var gateway = await StartAsync(builder);

        using var response = await gateway.ChatAsync(Chat);

        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        builder.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_stream_that_breaks_off_ends_with_an_error_event()
    {
        var seen = new TaskCompletionSource();
        await using var builder = await FakeWorker.StartedAsync(async context =>
        {
            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("one"));
            await seen.Task.WaitAsync(context.RequestAborted);
            context.Abort();
        });
        await using var gateway = await StartAsync(builder);

        using var response = await gateway.ChatAsync(Stream);
        seen.SetResult();

        (await GatewayUnderTest.TextAsync(response)).ShouldContain("upstream_failed");
    }

    [Fact]
    public async Task The_builders_errors_pass_through()
    {
        await using var builder = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(
            context, """{"error":{"message":"The step 'answer' failed.","type":"server_error","param":null,"code":"flow_failed"}}""", 502));
        await using var gateway = await StartAsync(builder);

        using var response = await gateway.ChatAsync(Chat);

        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await EnvelopeTests.ErrorAsync(response)).GetProperty("code").GetString().ShouldBe("flow_failed");
        builder.Seen.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(404, 404, "model_not_found")]
    [InlineData(401, 502, "upstream_refused")]
    public async Task A_refusal_by_the_builder_is_said_in_the_gateways_words(int refusal, int status, string code)
    {
        await using var builder = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, "{}", refusal));
        await using var gateway = await StartAsync(builder);

        using var response = await gateway.ChatAsync(Chat);

        ((int)response.StatusCode).ShouldBe(status);
        (await EnvelopeTests.ErrorAsync(response)).GetProperty("code").GetString().ShouldBe(code);
    }

    [Fact]
    public async Task A_builder_that_is_down_is_a_503_while_models_answer()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var builder = await FakeWorker.StartedAsync();
        await using var gateway = await StartAsync(builder, worker);
        await builder.KillAsync();

        using var flow = await gateway.ChatAsync(Chat);
        using var model = await gateway.ChatAsync();

        flow.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        flow.Headers.RetryAfter.ShouldNotBeNull();
        (await EnvelopeTests.ErrorAsync(flow)).GetProperty("code").GetString().ShouldBe("builder_unavailable");
        model.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_run_that_answers_too_late_is_a_504_and_is_not_run_again()
    {
        await using var builder = await FakeWorker.StartedAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var gateway = await GatewayUnderTest.StartAsync(
            new Plan(), ("services:builder:http:0", builder.Address.ToString()), ("Forwarding:CompletionTimeout", "00:00:00.100"));

        using var response = await gateway.ChatAsync(Chat);

        response.StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);
        builder.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_flow_takes_chats_only()
    {
        await using var builder = await FakeWorker.StartedAsync();
        await using var gateway = await StartAsync(builder);

        using var response = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/v1/embeddings", json: """{"model":"flow/support","input":"a"}"""));

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        builder.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_gateway_without_a_builder_has_no_flows()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan());

        using var chat = await gateway.ChatAsync(Chat);
        using var list = await gateway.GetAsync("/v1/models");

        (await EnvelopeTests.ErrorAsync(chat)).GetProperty("code").GetString().ShouldBe("model_not_found");
        (await GatewayUnderTest.TextAsync(list)).ShouldBe("""{"object":"list","data":[]}""");
    }

    private static Task<GatewayUnderTest> StartAsync(FakeWorker builder, params FakeWorker[] workers) =>
        GatewayUnderTest.StartAsync(Plan.Chat(workers), ("services:builder:http:0", builder.Address.ToString()));
}
