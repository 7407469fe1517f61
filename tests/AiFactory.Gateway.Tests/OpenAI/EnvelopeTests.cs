using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using AiFactory.Gateway.Tests.Edges;

namespace AiFactory.Gateway.Tests.OpenAI;

public sealed class EnvelopeTests
{
    [Theory]
    [InlineData(null, 401, "missing_api_key")]
    [InlineData("aif_wrong0000000000000000000000000000000000000", 401, "invalid_api_key")]
    [InlineData("short", 401, "invalid_api_key")]
    [InlineData(Plan.ExpiredKey, 401, "invalid_api_key")]
    [InlineData(Plan.ViewerKey, 403, "missing_scope")]
    [InlineData(Plan.OtherKey, 403, "model_not_allowed")]
    [InlineData(Plan.DeveloperKey, 200, null)]
    [InlineData(Plan.AdminKey, 200, null)]
    public async Task A_key_is_answered_by_what_it_may_do(string? key, int status, string? code)
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        using var response = await gateway.ChatAsync(key: key);

        ((int)response.StatusCode).ShouldBe(status);
        if (code is not null)
        {
            (await ErrorAsync(response)).GetProperty("code").GetString().ShouldBe(code);
            worker.Seen.ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task A_wrong_key_is_shown_masked_and_logged_never()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan());
        const string wrong = "aif_wrong00000000000000000000000000000000000xyz9";

        using var response = await gateway.ChatAsync(key: wrong);

        var message = (await ErrorAsync(response)).GetProperty("message").GetString();
        message.ShouldNotBeNull();
        message.ShouldContain("Incorrect API key provided: aif_****xyz9");
        gateway.Log.Lines.ShouldAllBe(line => !line.Contains(wrong));
    }

    [Fact]
    public async Task A_key_in_x_api_key_is_as_good()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));
        using var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", key: null, """{"model":"demo-chat"}""");
        request.Headers.Add("x-api-key", Plan.DeveloperKey);

        using var response = await gateway.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        worker.Seen.Single().Headers.Keys.ShouldNotContain("x-api-key");
    }

    [Theory]
    [InlineData("", 400, "invalid_json", "it is empty")]
    [InlineData("[1]", 400, "invalid_json", "it is not an object")]
    [InlineData("{\"model\":\"demo-chat\",\n\"messages\":[}", 400, "invalid_json", "line 2, byte 13")]
    [InlineData("{\"model\":\"demo-chat\"} x", 400, "invalid_json", "line 1, byte 23")]
    [InlineData("{\"model\":\"demo-chat\"", 400, "invalid_json", "line 1")]
    [InlineData("{}", 400, "missing_required_parameter", "model")]
    [InlineData("{\"model\":null}", 400, "missing_required_parameter", "model")]
    [InlineData("{\"model\":7}", 400, "invalid_type", "expected a string")]
    [InlineData("{\"model\":\"nothing\"}", 404, "model_not_found", "'nothing' does not exist")]
    [InlineData("{\"model\":\"demo-embed\"}", 400, "operation_not_supported", "has the task 'embedding'")]
    [InlineData("{\"model\":\"withdrawn\"}", 403, "model_revoked", "version 1 of withdrawn was revoked. Reason: its licence has ended")]
    [InlineData("{\"model\":\"asleep\"}", 503, "model_not_ready", "No replica")]
    public async Task A_body_that_cannot_be_served_is_refused_in_the_envelope(string body, int status, string code, string says)
    {
        await using var worker = await FakeWorker.StartedAsync();
        var plan = Plan.Of(
            Plan.Deployment("demo-chat", worker),
            Plan.Deployment("demo-embed", "default", "embedding", "project", worker),
            Plan.Deployment("withdrawn", worker) with { Revoked = "its licence has ended" },
            Plan.Deployment("asleep"));
        await using var gateway = await GatewayUnderTest.StartAsync(plan, ("Forwarding:ReplicaWait", "00:00:00"));

        using var response = await gateway.ChatAsync(body);

        ((int)response.StatusCode).ShouldBe(status);
        response.Content.Headers.ContentType?.MediaType.ShouldBe("application/json");
        var error = await ErrorAsync(response);
        error.GetProperty("code").GetString().ShouldBe(code);
        error.GetProperty("message").GetString()!.ShouldContain(says); // every envelope has one
        error.GetProperty("type").GetString().ShouldBe(status == 503 ? "server_error" : "invalid_request_error");
        error.TryGetProperty("param", out _).ShouldBeTrue();
        response.Headers.Contains("Retry-After").ShouldBe(status == 503);
        worker.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused_declared_or_not()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), ("Forwarding:MaxRequestBodyBytes", "2000"));
        var body = $$"""{"model":"demo-chat","x":"{{new string('x', 3000)}}"}""";

        using var declared = await gateway.ChatAsync(body);
        using var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: body);
        request.Headers.TransferEncodingChunked = true;
        using var chunked = await gateway.SendAsync(request);

        declared.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        chunked.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        foreach (var error in (JsonElement[])[await ErrorAsync(declared), await ErrorAsync(chunked)])
        {
            error.GetProperty("code").GetString().ShouldBe("request_too_large");
            error.GetProperty("message").GetString()!.ShouldContain("2000 bytes that this factory takes (setting Forwarding:MaxRequestBodyBytes)"); // every envelope has one
        }

        worker.Seen.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("GET", "/v1/nothing", 404, "unknown_url", null)]
    [InlineData("POST", "/v1/audio/speech", 404, "unknown_url", null)]
    [InlineData("GET", "/v1/chat/completions", 405, "method_not_supported", "POST")]
    [InlineData("POST", "/v1/models", 405, "method_not_supported", "GET")]
    [InlineData("DELETE", "/v1/models/demo-chat", 405, "method_not_supported", "GET")]
    public async Task A_path_or_method_that_is_not_there_is_refused_in_the_envelope(string method, string path, int status, string code, string? allow)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan());

        using var response = await gateway.SendAsync(GatewayUnderTest.Request(new HttpMethod(method), path));

        ((int)response.StatusCode).ShouldBe(status);
        (await ErrorAsync(response)).GetProperty("code").GetString().ShouldBe(code);
        response.Content.Headers.Allow.FirstOrDefault().ShouldBe(allow);
        response.Headers.Contains("x-request-id").ShouldBeTrue();
    }

    [Fact]
    public async Task A_compressed_body_is_refused()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan());
        using var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: "{}");
        request.Content!.Headers.ContentEncoding.Add("gzip"); // made by the line above

        using var response = await gateway.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        (await ErrorAsync(response)).GetProperty("code").GetString().ShouldBe("unsupported_content_encoding");
    }

    [Fact]
    public async Task A_client_that_leaves_within_its_request_is_no_error_of_ours()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan());
        var address = gateway.Client.BaseAddress!; // set at its start
        using (var socket = new TcpClient(address.Host, address.Port))
        {
            socket.LingerState = new LingerOption(true, 0);
            var head = $"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nAuthorization: Bearer {Plan.DeveloperKey}\r\n\r\n{{\"model\"";
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), TestContext.Current.CancellationToken);
        }

        using var next = await gateway.GetAsync("/v1/models");

        next.StatusCode.ShouldBe(HttpStatusCode.OK);
        gateway.Log.Lines.ShouldAllBe(line => !line.StartsWith("Error"));
    }

    [Fact]
    public async Task Before_any_snapshot_the_answer_is_503_and_readiness_names_what_is_missing()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(await FakeLibrary.StartedAsync(), folder: null);

        using var response = await gateway.ChatAsync();
        using var ready = await gateway.GetAsync("/readyz", key: null);

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await ErrorAsync(response)).GetProperty("code").GetString().ShouldBe("gateway_not_ready");
        ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await GatewayUnderTest.TextAsync(ready)).ShouldContain("no routing snapshot yet");
    }

    internal static async Task<JsonElement> ErrorAsync(HttpResponseMessage response)
    {
        return JsonDocument.Parse(await GatewayUnderTest.TextAsync(response)).RootElement.GetProperty("error");
    }
}
