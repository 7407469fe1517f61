using System.IO.Compression;
using System.Net;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Builder.Tools.Http;
using AiFactory.ServiceDefaults.Outbound;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Tests.Tools;

public sealed class OutboundHttpTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("ff02::1", false)]
    public void Only_addresses_of_the_public_internet_are_public(string address, bool isPublic) =>
        PublicAddresses.Includes(IPAddress.Parse(address)).ShouldBe(isPublic);

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("2130706433")]
    [InlineData("0x7f.1")]
    [InlineData("[::1]")]
    [InlineData("[::ffff:127.0.0.1]")]
    public async Task A_private_address_is_refused_in_every_spelling(string host)
    {
        await using var server = await FakeServer.StartedAsync();
        using var http = Create();

        var error = await Should.ThrowAsync<OutboundException>(http.SendAsync(Get($"http://{host}:{server.Address.Port}/"), Token));

        error.Message.ShouldContain("not on the public internet");
        error.IsTransient.ShouldBeFalse();
        server.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_host_that_the_factory_allows_is_called_with_the_authors_headers_and_body()
    {
        await using var server = await FakeServer.StartedAsync(context => context.Response.WriteAsJsonAsync(new { ok = true }, Token));
        using var http = Create($"127.0.0.1:{server.Address.Port}");

        var answer = await http.SendAsync(
            new OutboundRequest(HttpMethod.Post, new Uri(server.Address, "a?b=c"), Patience)
            {
                Headers = new Dictionary<string, string> { ["x-key"] = "secret" },
                Body = "{\"n\":1}",
            },
            Token);

        answer.ShouldBe(new OutboundAnswer(200, "application/json", "{\"ok\":true}"));
        var seen = server.Seen.Single();
        (seen.Method, seen.Target, seen.Body).ShouldBe(("POST", "/a?b=c", "{\"n\":1}"));
        seen.Headers["x-key"].ShouldBe("secret");
        seen.Headers.Keys.ShouldNotContain("traceparent");
    }

    [Fact]
    public async Task An_allowed_host_is_allowed_at_its_port_alone()
    {
        await using var server = await FakeServer.StartedAsync();
        using var http = Create("127.0.0.1:1");

        await Should.ThrowAsync<OutboundException>(http.SendAsync(Get(server.Address.ToString()), Token));
    }

    [Fact]
    public async Task A_redirect_to_a_private_address_is_refused()
    {
        await using var inside = await FakeServer.StartedAsync();
        await using var server = await FakeServer.StartedAsync(context =>
        {
            context.Response.Redirect($"http://localhost:{inside.Address.Port}/admin");
            return Task.CompletedTask;
        });
        using var http = Create($"127.0.0.1:{server.Address.Port}");

        var error = await Should.ThrowAsync<OutboundException>(http.SendAsync(Get(server.Address.ToString()), Token));

        error.Message.ShouldContain("localhost");
        inside.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_redirect_is_followed_and_another_host_does_not_see_the_authors_headers()
    {
        await using var other = await FakeServer.StartedAsync(context => context.Response.WriteAsync("there", Token));
        await using var server = await FakeServer.StartedAsync(context =>
        {
            context.Response.Redirect(other.Address.ToString());
            return Task.CompletedTask;
        });
        using var http = Create("127.0.0.1");

        var answer = await http.SendAsync(Get(server.Address.ToString()) with { Headers = new Dictionary<string, string> { ["x-key"] = "secret" } }, Token);

        answer.Body.ShouldBe("there");
        server.Seen.Single().Headers.Keys.ShouldContain("x-key");
        other.Seen.Single().Headers.Keys.ShouldNotContain("x-key");
    }

    [Fact]
    public async Task A_ring_of_redirects_ends()
    {
        await using var server = await FakeServer.StartedAsync(context =>
        {
            context.Response.Redirect("/again");
            return Task.CompletedTask;
        });
        using var http = Create("127.0.0.1");

        (await Should.ThrowAsync<OutboundException>(http.SendAsync(Get(server.Address.ToString()), Token))).Message.ShouldContain("redirects more than 5 times");
    }

    [Fact]
    public async Task A_step_that_names_its_hosts_calls_no_other()
    {
        await using var server = await FakeServer.StartedAsync();
        using var http = Create("127.0.0.1");

        var error = await Should.ThrowAsync<OutboundException>(http.SendAsync(Get(server.Address.ToString()) with { OnlyHosts = ["api.example"] }, Token));

        error.Message.ShouldContain("api.example");
    }

    [Fact]
    public async Task A_server_that_hangs_is_left_when_the_time_is_over()
    {
        var left = new TaskCompletionSource();
        await using var server = await FakeServer.StartedAsync(async context =>
        {
            context.RequestAborted.Register(left.SetResult);
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        using var http = Create("127.0.0.1");

        var error = await Should.ThrowAsync<OutboundException>(http.SendAsync(Get(server.Address.ToString()) with { Timeout = TimeSpan.FromMilliseconds(200) }, Token));

        error.Message.ShouldBe("'127.0.0.1' did not answer within 0.2 s.");
        error.IsTransient.ShouldBeTrue();
        await left.Task.WaitAsync(Patience, Token);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_that_is_too_large_is_refused_also_when_it_is_compressed(bool compressed)
    {
        await using var server = await FakeServer.StartedAsync(async context =>
        {
            context.Response.ContentType = "text/plain";
            context.Response.Headers.ContentEncoding = compressed ? "gzip" : default;
            await using var body = compressed ? new GZipStream(context.Response.Body, CompressionLevel.Fastest) : context.Response.Body;
            await body.WriteAsync(new byte[(256 * 1024) + 1], context.RequestAborted);
        });
        using var http = Create("127.0.0.1");

        (await Should.ThrowAsync<OutboundException>(http.SendAsync(Get(server.Address.ToString()), Token))).Message.ShouldContain("larger than the 256 KB");
    }

    [Fact]
    public async Task An_answer_that_is_no_text_is_refused()
    {
        await using var server = await FakeServer.StartedAsync(async context =>
        {
            context.Response.ContentType = "image/png";
            await context.Response.Body.WriteAsync(new byte[10], context.RequestAborted);
        });
        using var http = Create("127.0.0.1");

        (await Should.ThrowAsync<OutboundException>(http.SendAsync(Get(server.Address.ToString()), Token))).Message.ShouldContain("image/png");
    }

    [Theory]
    [InlineData("ftp://example.com/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://user:password@example.com/")]
    public async Task An_address_that_is_not_plain_http_is_refused(string url)
    {
        using var http = Create();

        (await Should.ThrowAsync<OutboundException>(http.SendAsync(Get(url), Token))).IsTransient.ShouldBeFalse();
    }

    [Theory]
    [InlineData("Host", "a")]
    [InlineData("Content-Length", "1")]
    [InlineData("x bad", "a")]
    [InlineData("x-bad", "a\r\nHost: b")]
    public async Task A_header_that_would_change_the_message_is_refused(string name, string value)
    {
        using var http = Create("127.0.0.1");

        await Should.ThrowAsync<OutboundException>(http.SendAsync(Get("http://127.0.0.1:1/") with { Headers = new Dictionary<string, string> { [name] = value } }, Token));
    }

    private static OutboundRequest Get(string url) => new(HttpMethod.Get, new Uri(url), Patience);

    private static OutboundHttp Create(params string[] allowed)
    {
        var options = new OutboundOptions();
        foreach (var host in allowed)
        {
            options.AllowedHosts.Add(host);
        }

        return new OutboundHttp(options.Connector(), Options.Create(options), TimeProvider.System);
    }
}
