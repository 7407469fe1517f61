using System.Net;
using System.Text;
using AiFactory.Gateway.Tests.Edges;

namespace AiFactory.Gateway.Tests.Forwarding;

public sealed class StreamingTests
{
    private const string StreamBody = """{"model":"demo-chat","stream":true,"messages":[{"role":"user","content":"Hi"}]}""";

    [Fact]
    public async Task The_first_piece_is_with_the_client_before_the_second_is_written()
    {
        var seen = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("one"));
            await seen.Task;
            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("two"));
            await FakeWorker.WriteEventAsync(context, "data: [DONE]\n\n");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        using var response = await gateway.ChatAsync(StreamBody);
        await using var stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        var first = await ReadAsync(stream);
        seen.SetResult();
        var rest = await new StreamReader(stream).ReadToEndAsync(TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType?.MediaType.ShouldBe("text/event-stream");
        response.Headers.GetValues("X-Accel-Buffering").ShouldBe(["no"]);
        first.ShouldBe(FakeWorker.Chunk("one"));
        rest.ShouldBe(FakeWorker.Chunk("two") + "data: [DONE]\n\n");
    }

    [Fact]
    public async Task The_body_arrives_byte_for_byte_and_only_what_clients_may_say()
    {
        await using var worker = await FakeWorker.StartedAsync();
        var plan = Plan.Chat(worker);
        await using var gateway = await GatewayUnderTest.StartAsync(plan);
        const string odd = "{ \"unknown\" : {\"a\":[1.50, 1e3]},\t\"model\":\"d\\u0065mo-chat\", \"emoji\":\"\\ud83d\\ude00 é\" }\n";
        using var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions?x=1", json: odd);
        request.Headers.Add("x-aifactory-deployment", "forged");
        request.Headers.Add("X-AiFactory-Anything", "forged");
        request.Headers.Add("Cookie", "aifactory_session=x");
        request.Headers.Add("x-mine", "100");
        request.Headers.Add("x-request-id", "my-id");
        request.Headers.TryAddWithoutValidation("Connection", "x-private");
        request.Headers.Add("x-private", "1");

        using var response = await gateway.SendAsync(request);

        var seen = worker.Seen.Single();
        seen.Body.ShouldBe(odd);
        seen.Target.ShouldBe("/v1/chat/completions");
        seen.Headers["x-aifactory-deployment"].ShouldBe(plan.Deployments[0].Id.ToString());
        seen.Headers["x-mine"].ShouldBe("100");
        seen.Headers["x-request-id"].ShouldBe("my-id");
        seen.Headers["Content-Type"].ShouldBe("application/json");
        seen.Headers["Authorization"].ShouldStartWith("Bearer eyJ");
        seen.Headers.Keys.ShouldNotContain("X-AiFactory-Anything");
        seen.Headers.Keys.ShouldNotContain("Cookie");
        seen.Headers.Keys.ShouldNotContain("x-private");
        response.Headers.GetValues("x-request-id").ShouldBe(["my-id"]);
        (await GatewayUnderTest.TextAsync(response)).ShouldBe(FakeWorker.Completion);
    }

    [Fact]
    public async Task A_client_that_leaves_ends_the_replicas_request_at_once()
    {
        var left = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            context.RequestAborted.Register(left.SetResult);
            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("one"));
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        using (var response = await gateway.ChatAsync(StreamBody))
        {
            await using var stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            await ReadAsync(stream);
        }

        await left.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_client_that_leaves_before_the_first_token_ends_the_replicas_request_at_once()
    {
        var arrived = new TaskCompletionSource();
        var left = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            context.RequestAborted.Register(left.SetResult);
            arrived.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));
        using var leave = new CancellationTokenSource();

        var call = gateway.Client.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: StreamBody), leave.Token);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await leave.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(call);
        await left.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(false, "upstream_timeout")]
    [InlineData(true, "upstream_failed")]
    public async Task A_replica_that_fails_within_a_stream_ends_it_with_an_error_event(bool breaks, string code)
    {
        var begun = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("one") + "data: {\"half");
            if (breaks)
            {
                await begun.Task;
                context.Abort();
                return;
            }

            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), ("Forwarding:IdleTimeout", breaks ? "00:01:00" : "00:00:00.100"));

        using var response = await gateway.ChatAsync(StreamBody);
        begun.SetResult();
        var text = await GatewayUnderTest.TextAsync(response);

        text.ShouldStartWith(FakeWorker.Chunk("one") + "data: {\"half\n\ndata: {\"error\":{\"message\":");
        text.ShouldContain($"\"code\":\"{code}\"");
        text.ShouldEndWith("}}\n\n");
    }

    [Fact]
    public async Task A_replica_that_fails_within_a_whole_answer_breaks_the_connection()
    {
        var seen = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            context.Response.ContentLength = 1000;
            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync("{\"half\":"u8.ToArray());
            await context.Response.Body.FlushAsync();
            await seen.Task;
            context.Abort();
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        using var response = await gateway.ChatAsync();
        seen.SetResult();

        await Should.ThrowAsync<HttpRequestException>(() => GatewayUnderTest.TextAsync(response));
    }

    [Fact]
    public async Task A_replicas_own_error_passes_through()
    {
        const string error = """{"error":{"message":"too long","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}""";
        await using var worker = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, error, 400));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        using var response = await gateway.ChatAsync();

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await GatewayUnderTest.TextAsync(response)).ShouldBe(error);
    }

    [Fact]
    public async Task Prompts_and_keys_are_never_logged()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        using var response = await gateway.ChatAsync("""{"model":"demo-chat","messages":[{"role":"user","content":"a-secret-prompt"}]}""");

        gateway.Log.Lines.ShouldAllBe(line => !line.Contains("a-secret-prompt") && !line.Contains(Plan.DeveloperKey) && !line.Contains("Bearer "));
    }

    private static async Task<string> ReadAsync(Stream stream)
    {
        var buffer = new byte[4096];
        var read = await stream.ReadAsync(buffer, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, read);
    }
}
