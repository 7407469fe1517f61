using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using AiFactory.Gateway.Tests.Edges;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AiFactory.Gateway.Tests.Sockets;

/// <summary>FEATURES row 13: answers by WebSocket.</summary>
public sealed class SocketTests
{
    private const string Ask = """{"request_id":"a","model":"demo-chat","messages":[],"stream":true}""";

    [Fact]
    public async Task Chunks_come_as_messages_before_the_answer_ends()
    {
        var seen = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("Hel"));
            await seen.Task.WaitAsync(context.RequestAborted);
            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("lo"));
            await FakeWorker.WriteEventAsync(context, "data: [DONE]\n\n");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));
        using var client = await SocketClient.OpenAsync(gateway);

        await client.SendAsync(Ask);
        Text(await client.ReadAsync()).ShouldBe(("a", "Hel"));
        seen.SetResult();
        Text(await client.ReadAsync()).ShouldBe(("a", "lo"));
        Ended(await client.ReadAsync()).ShouldBe(("a", "done"));

        worker.Seen.Single().Body.ShouldBe("""{"model":"demo-chat","messages":[],"stream":true}""");
        worker.Seen.Single().Headers.Keys.ShouldAllBe(name => !name.StartsWith("Sec-WebSocket", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Several_requests_at_once_are_told_apart_by_their_ids_and_one_without_an_id_has_none()
    {
        var gate = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync();
        worker.Script = async context =>
        {
            if (worker.Seen.Count == 1)
            {
                await gate.Task.WaitAsync(context.RequestAborted);
            }

            await FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
        };
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));
        using var client = await SocketClient.OpenAsync(gateway);

        await client.SendAsync(Ask.Replace("\"a\"", "\"slow\"").Replace(",\"stream\":true", ""));
        await GatewayUnderTest.UntilAsync(() => worker.Seen.Count == 1);
        await client.SendAsync("""{"model":"demo-chat","messages":[]}""");
        Text(await client.ReadAsync()).ShouldBe(("", "Hello"));
        Ended(await client.ReadAsync()).ShouldBe(("", "done"));
        gate.SetResult();
        Text(await client.ReadAsync()).ShouldBe(("slow", "Hello"));
        Ended(await client.ReadAsync()).ShouldBe(("slow", "done"));
    }

    [Fact]
    public async Task A_cancelled_request_is_cancelled_at_the_worker_and_the_connection_goes_on()
    {
        var left = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync(Endless(left));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));
        using var client = await SocketClient.OpenAsync(gateway);

        await client.SendAsync(Ask);
        await client.ReadAsync();
        await client.SendAsync("""{"type":"cancel","request_id":"a"}""");
        Ended(await client.ReadAsync()).ShouldBe(("a", "cancelled"));
        await left.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        worker.Script = context => FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
        await client.SendAsync(Ask);
        Text(await client.ReadAsync()).ShouldBe(("a", "Hello"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_closes_or_is_gone_cancels_all_that_runs(bool closes)
    {
        var left = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync(Endless(left));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));
        using var client = await SocketClient.OpenAsync(gateway);

        await client.SendAsync(Ask);
        await client.ReadAsync();
        if (closes)
        {
            await client.Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", TestContext.Current.CancellationToken);
        }
        else
        {
            client.Socket.Abort();
        }

        await left.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    /// <summary>.NET's client answers a ping only while it is asked for a message.</summary>
    [Fact]
    public async Task A_client_that_answers_no_ping_is_cut_off()
    {
        var left = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync(Endless(left));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), ("Sockets:PingInterval", "00:00:00.050"), ("Sockets:PongTimeout", "00:00:00.100"));
        using var client = await SocketClient.OpenAsync(gateway);

        await client.SendAsync(Ask);

        await left.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_client_that_takes_no_message_is_cut_off()
    {
        var left = new TaskCompletionSource();
        var chunk = FakeWorker.Chunk(new string('x', 1 << 16));
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            context.RequestAborted.Register(() => left.TrySetResult());
            while (true)
            {
                await FakeWorker.WriteEventAsync(context, chunk);
            }
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), ("Sockets:SendTimeout", "00:00:00.200"));
        using var client = await SocketClient.OpenAsync(gateway);

        await client.SendAsync(Ask);

        await left.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_error_ends_its_request_and_a_break_in_the_middle_does_too()
    {
        // It breaks once its first chunk has come: what is on its way when a connection is aborted may be lost with it.
        var seen = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("Hel"));
            await seen.Task.WaitAsync(context.RequestAborted);
            context.Abort();
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));
        using var client = await SocketClient.OpenAsync(gateway);

        await client.SendAsync(Ask.Replace("demo-chat", "nobody"));
        var unknown = (await client.ReadAsync())!.Value; // it does not close
        await client.SendAsync(Ask);
        await client.ReadAsync();
        seen.SetResult();
        var broken = (await client.ReadAsync())!.Value; // nor now

        (Ended(unknown), unknown.GetProperty("status").GetInt32(), Code(unknown)).ShouldBe((("a", "error"), 404, "model_not_found"));
        (Ended(broken), Code(broken)).ShouldBe((("a", "error"), "upstream_failed"));
    }

    [Theory]
    [InlineData("nonsense", "invalid_json")]
    [InlineData("[]", "invalid_json")]
    [InlineData("""{"request_id":7}""", "invalid_value")]
    [InlineData("""{"type":"restart","request_id":"b"}""", "invalid_value")]
    [InlineData(Ask, "request_id_in_use")]
    [InlineData("""{"request_id":"b","model":"demo-chat"}""", "too_many_requests")]
    public async Task What_cannot_be_taken_is_refused_and_what_runs_goes_on(string message, string code)
    {
        await using var worker = await FakeWorker.StartedAsync(Endless(new TaskCompletionSource()));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), ("Sockets:MaxRequests", "1"));
        using var client = await SocketClient.OpenAsync(gateway);
        await client.SendAsync(Ask);
        await client.ReadAsync();

        await client.SendAsync(message);
        var refused = (await client.ReadAsync())!.Value; // it does not close
        await client.SendAsync("""{"type":"cancel","request_id":"a"}""");

        (refused.GetProperty("type").GetString(), Code(refused)).ShouldBe(("refused", code));
        Ended(await client.ReadAsync()).ShouldBe(("a", "cancelled"));
    }

    [Theory]
    [InlineData(WebSocketMessageType.Binary, 1, WebSocketCloseStatus.InvalidMessageType)]
    [InlineData(WebSocketMessageType.Text, 3000, WebSocketCloseStatus.MessageTooBig)]
    public async Task A_message_of_another_kind_or_size_closes_the_connection_with_the_reason(WebSocketMessageType type, int length, WebSocketCloseStatus status)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan(), ("Sockets:MaxMessageBytes", "2048"));
        using var client = await SocketClient.OpenAsync(gateway);

        await client.Socket.SendAsync(Encoding.UTF8.GetBytes(new string(' ', length)), type, true, TestContext.Current.CancellationToken);

        (await client.ReadAsync()).ShouldBeNull();
        client.Socket.CloseStatus.ShouldBe(status);
    }

    [Fact]
    public async Task A_browser_gives_its_key_as_a_subprotocol_which_is_not_answered()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));
        using var client = await SocketClient.OpenAsync(gateway, options =>
        {
            options.AddSubProtocol("aifactory.v1");
            options.AddSubProtocol($"aifactory-key.{Plan.DeveloperKey}");
        });

        await client.SendAsync(Ask);

        Text(await client.ReadAsync()).ShouldBe(("a", "Hello"));
        client.Socket.SubProtocol.ShouldBe("aifactory.v1");
        gateway.Log.Lines.ShouldAllBe(line => !line.Contains(Plan.DeveloperKey));
    }

    [Theory]
    [InlineData(null, 401)]
    [InlineData(Plan.ViewerKey, 403)]
    [InlineData("aif_wrong", 401)]
    public async Task Who_may_not_call_models_gets_no_connection(string? key, int status)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan());

        var refused = await Should.ThrowAsync<WebSocketException>(() => SocketClient.OpenAsync(gateway, options =>
        {
            if (key is not null)
            {
                options.SetRequestHeader("x-api-key", key);
            }
        }));

        refused.Message.ShouldContain($"'{status}'");
    }

    /// <summary>A page of another site can open a WebSocket with the visitor's cookie, and can set no header.</summary>
    [Fact]
    public async Task The_consoles_cookie_alone_opens_no_connection()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan());
        using var session = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/api/session/", key: null, json: $$"""{"token":"{{GatewayUnderTest.SignInToken}}"}"""));
        var cookie = session.Headers.GetValues("Set-Cookie").Single().Split(';')[0];

        var refused = await Should.ThrowAsync<WebSocketException>(() => SocketClient.OpenAsync(gateway, options => options.SetRequestHeader("Cookie", cookie)));

        refused.Message.ShouldContain("'403'");
    }

    [Fact]
    public async Task A_gateway_that_stops_finishes_what_runs_and_says_goodbye()
    {
        var gate = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await gate.Task.WaitAsync(context.RequestAborted);
            await FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));
        using var client = await SocketClient.OpenAsync(gateway);
        await client.SendAsync(Ask);
        await GatewayUnderTest.UntilAsync(() => worker.Seen.Count == 1);

        gateway.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await client.SendAsync(Ask.Replace("\"a\"", "\"b\""));
        var refused = (await client.ReadAsync())!.Value; // it does not close yet
        gate.SetResult();

        Code(refused).ShouldBe("gateway_stopping");
        Text(await client.ReadAsync()).ShouldBe(("a", "Hello"));
        Ended(await client.ReadAsync()).ShouldBe(("a", "done"));
        (await client.ReadAsync()).ShouldBeNull();
        client.Socket.CloseStatus.ShouldBe(WebSocketCloseStatus.EndpointUnavailable);
    }

    private static Func<HttpContext, Task> Endless(TaskCompletionSource left) => async context =>
    {
        context.RequestAborted.Register(() => left.TrySetResult());
        await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("Hel"));
        await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    };

    private static (string Id, string? Text) Text(JsonElement? message)
    {
        var choice = message!.Value.GetProperty("choices")[0]; // null when it closes, which it should not
        return (Id(message.Value), (choice.TryGetProperty("delta", out var delta) ? delta : choice.GetProperty("message")).GetProperty("content").GetString());
    }

    private static (string Id, string? Type) Ended(JsonElement? message) => (Id(message!.Value), message.Value.GetProperty("type").GetString()); // as above

    private static string Id(JsonElement message) => message.TryGetProperty("request_id", out var id) ? id.GetString() ?? "" : "";

    private static string? Code(JsonElement message) => message.GetProperty("error").GetProperty("code").GetString();
}
