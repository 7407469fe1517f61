using System.Net;
using System.Net.Sockets;
using System.Text;
using AiFactory.Gateway.Tests.Edges;

namespace AiFactory.Gateway.Tests.Management;

public sealed class LibraryForwardingTests
{
    [Theory]
    [InlineData("GET", "/api/library/projects/default/models/a%2Fb?after=x%20y&z", null)]
    [InlineData("GET", "/api/library/projects/default/models/50%2525", null)]
    [InlineData("POST", "/api/library/projects/default/keys", "{\"name\":\"é\"}")]
    [InlineData("PUT", "/api/library/projects/default/deployments/demo-chat", "{}")]
    [InlineData("DELETE", "/api/library/projects/default/deployments/demo-chat", null)]
    public async Task A_request_reaches_the_library_unchanged_with_the_callers_identity(string method, string path, string? body)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan());
        using var request = GatewayUnderTest.Request(new HttpMethod(method), path, json: body);
        request.Headers.Add("x-aifactory-project", "forged");
        request.Headers.Add("If-None-Match", "\"1\"");

        using var response = await gateway.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.OK, await GatewayUnderTest.TextAsync(response));
        var seen = gateway.Library.Seen.Single(each => each.Target.StartsWith("/api"));
        seen.Method.ShouldBe(method);
        seen.Target.ShouldBe(path);
        seen.Body.ShouldBe(body ?? "");
        seen.Headers["If-None-Match"].ShouldBe("\"1\"");
        seen.Headers.Keys.ShouldNotContain("x-aifactory-project");
        var claims = Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(seen.Headers["Authorization"].Split('.')[1]));
        claims.ShouldContain("\"project\":\"default\"");
        claims.ShouldContain("\"roles\":[\"developer\"]");
    }

    [Theory]
    [InlineData("/api/library/../../internal/snapshot")]
    [InlineData("/api/library/%2e%2e/%2e%2e/internal/snapshot")]
    [InlineData("/api/library/%252e%252e/%252e%252e/internal/snapshot")]
    public async Task No_path_leads_out_of_the_management_routes(string path)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan());
        await GatewayUnderTest.UntilAsync(() => gateway.Library.Asked.Contains(1));
        var before = gateway.Library.Asked.Count;
        var address = new Uri(gateway.Client.BaseAddress + path[1..], new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Add("x-api-key", Plan.AdminKey);

        using var response = await gateway.SendAsync(request);

        gateway.Library.Asked.Count.ShouldBe(before);
    }

    [Fact]
    public async Task Without_a_key_nothing_reaches_the_library()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan());

        using var none = await gateway.GetAsync("/api/library/projects", key: null);
        using var wrong = await gateway.GetAsync("/api/library/projects", key: "aif_wrong");

        none.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        none.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
        wrong.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        gateway.Library.Seen.ShouldAllBe(seen => seen.Target.StartsWith("/internal/"));
    }

    /// <summary>
    /// Many clients read no answer before they have sent all: they had a broken pipe in place of the reason. This one sends for longer than Kestrel itself reads on
    /// (five seconds).
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_sends_on_after_it_was_refused_learns_why(bool chunked)
    {
        const int pieces = 18;
        var piece = new byte[16 * 1024]; // all are more than the gateway sends before it is asked to
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan(), ("Serving:MaxRequestBodyBytes", "2000"));
        gateway.Library.Refusal = "At most 64 MiB are taken.";
        var address = gateway.Client.BaseAddress!; // StartAsync sets it
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, Token);
        await using var stream = client.GetStream();
        var length = chunked ? "Transfer-Encoding: chunked" : $"Content-Length: {pieces * piece.Length}";
        await WriteAsync($"POST /api/library/projects HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {Plan.DeveloperKey}\r\nConnection: close\r\n{length}\r\n\r\n");

        for (var sent = 0; sent < pieces; sent++)
        {
            await WriteAsync(chunked ? $"{piece.Length:x}\r\n" : "");
            await stream.WriteAsync(piece, Token);
            await WriteAsync(chunked ? "\r\n" : "");
            await Task.Delay(TimeSpan.FromSeconds(0.5), Token); // a client on a slow line
        }

        await WriteAsync(chunked ? "0\r\n\r\n" : "");
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(Token);

        answer.ShouldStartWith("HTTP/1.1 413 ");
        answer.ShouldContain("At most 64 MiB are taken.");

        async Task WriteAsync(string text) => await stream.WriteAsync(Encoding.ASCII.GetBytes(text), Token);
    }

    [Fact]
    public async Task The_librarys_problems_pass_through()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan());
        gateway.Library.Script = async context =>
        {
            context.Response.StatusCode = 409;
            context.Response.ContentType = "application/problem+json";
            await context.Response.Body.WriteAsync("{\"title\":\"Conflict\"}"u8.ToArray());
        };

        using var response = await gateway.GetAsync("/api/library/projects");

        response.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await GatewayUnderTest.TextAsync(response)).ShouldBe("{\"title\":\"Conflict\"}");
    }

    [Fact]
    public async Task A_library_that_is_down_is_a_503_problem_while_models_answer()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));
        await gateway.Library.KillAsync();

        using var management = await gateway.GetAsync("/api/library/projects");
        using var chat = await gateway.ChatAsync();

        management.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        management.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
        management.Headers.RetryAfter.ShouldNotBeNull();
        chat.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
