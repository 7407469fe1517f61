using System.Net;
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

    /// <summary>Many clients read no answer before they have sent all: they had a broken pipe in place of the reason.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_sends_much_more_than_the_service_takes_learns_why(bool chunked)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan(), ("Serving:MaxRequestBodyBytes", "2000"));
        gateway.Library.Refusal = "At most 64 MiB are taken.";
        using var request = GatewayUnderTest.Request(HttpMethod.Post, "/api/library/projects", json: $"\"{new string('x', 100_000_000)}\"");
        request.Headers.TransferEncodingChunked = chunked;

        using var response = await gateway.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("At most 64 MiB are taken.");
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
}
