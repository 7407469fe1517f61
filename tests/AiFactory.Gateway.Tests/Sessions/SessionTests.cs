using System.Net;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests.Sessions;

public sealed class SessionTests
{
    private const string WithToken = $$"""{"token":"{{GatewayUnderTest.SignInToken}}"}""";

    [Fact]
    public async Task The_links_token_begins_an_administrators_session()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan());

        using var signedIn = await SignInAsync(gateway, WithToken);
        var cookie = CookieOf(signedIn);
        using var session = await WithCookieAsync(gateway, HttpMethod.Get, "/api/session", cookie);

        signedIn.StatusCode.ShouldBe(HttpStatusCode.OK);
        var flags = signedIn.Headers.GetValues("Set-Cookie").Single();
        flags.ShouldContain("httponly");
        flags.ShouldContain("samesite=strict");
        flags.ShouldContain("path=/");
        flags.ShouldContain("max-age=43200");
        flags.ShouldNotContain("secure", Case.Insensitive, "this is plain http");
        session.StatusCode.ShouldBe(HttpStatusCode.OK);
        var text = await GatewayUnderTest.TextAsync(session);
        text.ShouldContain("\"subject\":\"user:console\"");
        text.ShouldContain("\"factoryWide\":true");
        text.ShouldContain("models.approve");
    }

    [Theory]
    [InlineData("""{"token":"wrong"}""")]
    [InlineData("""{"token":""}""")]
    [InlineData("""{"key":"aif_wrong"}""")]
    [InlineData("""{"key":""}""")]
    [InlineData("{}")]
    public async Task A_wrong_token_or_key_begins_none(string body)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan());

        using var response = await SignInAsync(gateway, body);

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        response.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
        response.Headers.Contains("Set-Cookie").ShouldBeFalse();
    }

    [Fact]
    public async Task A_keys_session_has_the_keys_roles_and_ends_with_the_key()
    {
        var plan = new Plan();
        await using var gateway = await GatewayUnderTest.StartAsync(plan);
        using var signedIn = await SignInAsync(gateway, $$"""{"key":"{{Plan.ViewerKey}}"}""");
        var cookie = CookieOf(signedIn);

        using var before = await WithCookieAsync(gateway, HttpMethod.Get, "/api/session", cookie);
        await gateway.PublishAsync(plan with { Version = 2, Keys = [.. plan.Keys.Where(key => key.Name != "viewer")] });
        using var after = await WithCookieAsync(gateway, HttpMethod.Get, "/api/session", cookie);

        (await GatewayUnderTest.TextAsync(before)).ShouldContain("\"roles\":[\"viewer\"]");
        after.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        using var projects = await WithCookieAsync(gateway, HttpMethod.Get, "/api/library/projects", cookie);
        projects.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    /// <summary>The sign-in page asks whether anybody is signed in, and browsers write each refusal to their log.</summary>
    [Fact]
    public async Task That_nobody_is_signed_in_is_no_refusal_and_a_wrong_key_is_one()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan());

        using var nobody = await gateway.GetAsync("/api/session", key: null);
        using var wrong = await gateway.GetAsync("/api/session", "aif_wrong");
        using var viewer = await gateway.GetAsync("/api/session", Plan.ViewerKey);

        (nobody.StatusCode, wrong.StatusCode, viewer.StatusCode).ShouldBe((HttpStatusCode.NoContent, HttpStatusCode.Unauthorized, HttpStatusCode.OK));
        nobody.Headers.CacheControl?.NoStore.ShouldBeTrue();
    }

    [Fact]
    public async Task A_session_holds_after_the_gateway_is_restarted()
    {
        await using var first = await GatewayUnderTest.StartAsync(new Plan());
        await using var second = await GatewayUnderTest.StartAsync(new Plan());
        using var signedIn = await SignInAsync(first, WithToken);

        using var session = await WithCookieAsync(second, HttpMethod.Get, "/api/session", CookieOf(signedIn));

        session.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_session_ends_when_there_is_a_new_link()
    {
        await using var first = await GatewayUnderTest.StartAsync(new Plan());
        await using var second = await GatewayUnderTest.StartAsync(new Plan(), ("Console:SignInToken", "another-token-of-a-later-start"));
        using var signedIn = await SignInAsync(first, WithToken);

        using var session = await WithCookieAsync(second, HttpMethod.Get, "/api/session", CookieOf(signedIn));

        session.StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_the_gateways_own_limit_is_refused_with_the_settings_name_and_begins_none(bool chunked)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan(), ("Serving:MaxRequestBodyBytes", "2000"));
        using var request = GatewayUnderTest.Request(HttpMethod.Post, "/api/session", key: null, json: WithToken + new string(' ', 2000));
        request.Headers.TransferEncodingChunked = chunked;

        using var response = await gateway.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await GatewayUnderTest.TextAsync(response)).ShouldContain("The body is larger than 2000 bytes, the most that is taken here (setting Serving:MaxRequestBodyBytes).");
        response.Headers.Contains("Set-Cookie").ShouldBeFalse();
    }

    [Fact]
    public async Task A_sessions_cookie_and_a_services_token_do_not_pass_for_each_other()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan());
        var tokens = gateway.Services.GetRequiredService<IdentityTokens>();
        using var signedIn = await SignInAsync(gateway, WithToken);

        using var session = await WithCookieAsync(
            gateway, HttpMethod.Get, "/api/library/projects", $"aifactory_session={tokens.Issue(InternalIdentity.WithRoles("user:console", "default", true, [Roles.Admin]))}");

        session.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        tokens.TryVerify(CookieOf(signedIn).Split('=')[1], out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_cookie_alone_changes_nothing()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));
        using var signedIn = await SignInAsync(gateway, WithToken);
        var cookie = CookieOf(signedIn);

        using var forgedChat = await WithCookieAsync(gateway, HttpMethod.Post, "/v1/chat/completions", cookie, """{"model":"demo-chat"}""");
        using var forgedWrite = await WithCookieAsync(gateway, HttpMethod.Post, "/api/library/projects", cookie, "{}");
        using var chat = await WithCookieAsync(gateway, HttpMethod.Post, "/v1/chat/completions", cookie, """{"model":"demo-chat"}""", console: true);
        using var write = await WithCookieAsync(gateway, HttpMethod.Post, "/api/library/projects", cookie, "{}", console: true);
        using var read = await WithCookieAsync(gateway, HttpMethod.Get, "/api/library/projects", cookie);

        forgedChat.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        forgedWrite.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        chat.StatusCode.ShouldBe(HttpStatusCode.OK);
        write.StatusCode.ShouldBe(HttpStatusCode.OK);
        read.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Signing_out_takes_the_cookie_away()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan());
        using var signedIn = await SignInAsync(gateway, WithToken);

        using var forged = await WithCookieAsync(gateway, HttpMethod.Delete, "/api/session", CookieOf(signedIn));
        using var done = await WithCookieAsync(gateway, HttpMethod.Delete, "/api/session", CookieOf(signedIn), console: true);

        forged.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        done.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        done.Headers.GetValues("Set-Cookie").Single().ShouldStartWith("aifactory_session=;");
    }

    [Fact]
    public async Task After_some_failures_those_who_fail_must_wait_and_no_one_else()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan(), ("Console:FailuresPerMinute", "3"));
        for (var i = 0; i < 3; i++)
        {
            using var wrong = await SignInAsync(gateway, """{"token":"guess"}""");
            wrong.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        }

        using var another = await SignInAsync(gateway, """{"token":"guess"}""");
        using var right = await SignInAsync(gateway, WithToken);
        using var key = await SignInAsync(gateway, $$"""{"key":"{{Plan.ViewerKey}}"}""");

        another.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        another.Headers.RetryAfter.ShouldNotBeNull();
        right.StatusCode.ShouldBe(HttpStatusCode.OK);
        key.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Another_sites_page_cannot_sign_its_visitor_in()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan());
        using var request = GatewayUnderTest.Request(HttpMethod.Post, "/api/session", key: null, WithToken);
        request.Headers.Add("Origin", "https://elsewhere.example");

        using var response = await gateway.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    private static Task<HttpResponseMessage> SignInAsync(GatewayUnderTest gateway, string body) =>
        gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/api/session", key: null, body));

    private static string CookieOf(HttpResponseMessage response) => response.Headers.GetValues("Set-Cookie").Single().Split(';')[0];

    private static Task<HttpResponseMessage> WithCookieAsync(
        GatewayUnderTest gateway, HttpMethod method, string path, string cookie, string? json = null, bool console = false)
    {
        var request = GatewayUnderTest.Request(method, path, key: null, json);
        request.Headers.Add("Cookie", cookie);
        if (console)
        {
            request.Headers.Add("x-aifactory-console", "1");
        }

        return gateway.SendAsync(request);
    }
}
