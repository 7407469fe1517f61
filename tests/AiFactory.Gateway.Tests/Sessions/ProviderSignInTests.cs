using System.Net;
using System.Text.Json;
using AiFactory.Gateway.Sessions;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing;
using AiFactory.Testing.Oidc;

namespace AiFactory.Gateway.Tests.Sessions;

/// <summary>FEATURES row 9: people sign in at a genuine OIDC provider, and do what their groups may.</summary>
public sealed class ProviderSignInTests(OidcServer server)
{
    private static object Groups(params string[] groups) => new { groups = new { ada = groups } };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_person_signs_in_is_renewed_with_the_groups_of_the_moment_and_signs_out(bool groupsInIdToken)
    {
        var issuer = await server.IssuerAsync(new { groups = new { ada = new[] { "developers", "others", "a club" } }, idTokenGroups = groupsInIdToken });
        await using var gateway = await StartAsync(issuer);
        using var browser = new SignInBrowser(gateway);

        // 1. In, and back to where the person came from.
        (await browser.SignInAsync("ada", "/p/other/keys?x=1")).ShouldBe("/p/other/keys?x=1");
        var (status, session) = await browser.SessionAsync();
        status.ShouldBe(HttpStatusCode.OK);
        session.GetProperty("subject").GetString().ShouldBe("user:ada");
        session.GetProperty("renewable").GetBoolean().ShouldBeTrue();
        session.GetProperty("projects").EnumerateArray().Select(project => $"{project.GetProperty("name")} {project.GetProperty("roles")[0]}").ShouldBe(["default developer", "other developer"]);
        using (var keys = await browser.GetAsync("/api/library/projects/other/keys"))
        {
            keys.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        // 2. Renewed with what the person may do now.
        await issuer.ChangeAsync(Groups("readers"));
        var (renewed, after) = await browser.ChangeAsync(HttpMethod.Post, "/api/session/renewal");
        renewed.ShouldBe(HttpStatusCode.OK, after.GetRawText());
        after.GetProperty("roles").EnumerateArray().Select(role => role.GetString()).ShouldBe(["viewer"]);
        after.GetProperty("expiresAt").GetDateTimeOffset().ShouldBeGreaterThanOrEqualTo(session.GetProperty("expiresAt").GetDateTimeOffset());
        (await browser.SessionAsync()).Body.GetProperty("project").GetString().ShouldBe("default");

        // 3. Out, also at the provider; nothing is left that could begin it again.
        (await browser.ChangeAsync(HttpMethod.Delete, "/api/session")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await browser.SessionAsync()).Status.ShouldBe(HttpStatusCode.NoContent);
        (await browser.ChangeAsync(HttpMethod.Post, "/api/session/renewal")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await issuer.CountAsync("/token/revocation")).ShouldBe(1);

        // 4. And there the person may end their own session, which is the provider's to ask them.
        using var asked = await browser.GetAsync("/api/session/oidc/end");
        asked.StatusCode.ShouldBe(HttpStatusCode.OK);
        var address = (asked.RequestMessage?.RequestUri).ShouldNotBeNull();
        address.AbsolutePath.ShouldEndWith("/session/end");
        address.Query.ShouldBe($"?client_id=console&post_logout_redirect_uri={Uri.EscapeDataString($"{gateway.Client.BaseAddress}signin")}");
    }

    [Fact]
    public async Task Out_of_the_group_access_ends_with_the_token_and_is_not_renewed()
    {
        var clock = new ManualTimeProvider(TimeProvider.System.GetUtcNow());
        var issuer = await server.IssuerAsync(Groups("developers"));
        await using var gateway = await StartAsync(issuer, clock);
        using var browser = new SignInBrowser(gateway);
        await browser.SignInAsync("ada");
        var end = (await browser.SessionAsync()).Body.GetProperty("expiresAt").GetDateTimeOffset();

        await issuer.ChangeAsync(Groups("a club"));
        clock.Advance(end - clock.GetUtcNow() - TimeSpan.FromTicks(1));
        (await browser.SessionAsync()).Status.ShouldBe(HttpStatusCode.OK);
        clock.Advance(TimeSpan.FromTicks(1));
        (await browser.SessionAsync()).Status.ShouldBe(HttpStatusCode.NoContent);
        using (var keys = await browser.GetAsync("/api/library/projects/default/keys"))
        {
            keys.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        }

        var (refused, why) = await browser.ChangeAsync(HttpMethod.Post, "/api/session/renewal");
        refused.ShouldBe(HttpStatusCode.Unauthorized);
        why.GetProperty("detail").GetString().ShouldBe("None of your groups may do anything here any more.");
        await issuer.ChangeAsync(Groups("developers"));
        (await browser.ChangeAsync(HttpMethod.Post, "/api/session/renewal")).Body.GetProperty("detail").GetString().ShouldNotBeNull().ShouldContain("no session that could be renewed");
    }

    [Fact]
    public async Task A_session_without_a_refresh_token_is_not_renewable_and_one_is_not_renewed_beyond_its_longest_life()
    {
        var clock = new ManualTimeProvider(TimeProvider.System.GetUtcNow());
        var issuer = await server.IssuerAsync(new { groups = new { ada = new[] { "developers" } }, refresh = false });
        await using var gateway = await StartAsync(issuer, clock, ("Console:SessionLifetime", "00:02:00"));
        using var browser = new SignInBrowser(gateway);

        await browser.SignInAsync("ada");
        (await browser.SessionAsync()).Body.GetProperty("renewable").GetBoolean().ShouldBeFalse();
        (await browser.ChangeAsync(HttpMethod.Post, "/api/session/renewal")).Status.ShouldBe(HttpStatusCode.Unauthorized);

        await issuer.ChangeAsync(new { refresh = true });
        using var another = new SignInBrowser(gateway);
        await another.SignInAsync("ada");
        var end = (await another.SessionAsync()).Body.GetProperty("expiresAt").GetDateTimeOffset();
        end.ShouldBeLessThanOrEqualTo(clock.GetUtcNow().AddMinutes(2));
        clock.Advance(TimeSpan.FromMinutes(1));
        (await another.ChangeAsync(HttpMethod.Post, "/api/session/renewal")).Body.GetProperty("expiresAt").GetDateTimeOffset().ShouldBe(end);
        clock.Advance(TimeSpan.FromMinutes(1));
        (await another.ChangeAsync(HttpMethod.Post, "/api/session/renewal")).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Nobody_is_renewed_into_the_session_of_whoever_used_the_browser_before()
    {
        var issuer = await server.IssuerAsync(new { groups = new { ada = new[] { "admins" }, bob = new[] { "readers" } } });
        await using var gateway = await StartAsync(issuer);
        using var browser = new SignInBrowser(gateway);
        await browser.SignInAsync("ada");
        var adas = browser.Cookie("/api/session", "aifactory_renewal");
        adas.ShouldNotBe("");

        // 1. Ada leaves without a word, and nothing renews Bob's session: hers does not wait below it.
        browser.ForgetProvider();
        await issuer.ChangeAsync(new { refresh = false });
        (await browser.SignInAsync("bob")).ShouldBe("/p/default/keys");
        browser.Cookie("/api/session", "aifactory_renewal").ShouldBe("");
        await IsBobsAsync();

        // 2. Nor does it come back in a browser that has kept it, or was given it.
        browser.Keep("/api/session", "aifactory_renewal", adas);
        await IsBobsAsync();
        browser.Cookie("/api/session", "aifactory_renewal").ShouldBe("");

        async Task IsBobsAsync()
        {
            var (_, session) = await browser.SessionAsync();
            session.GetProperty("subject").GetString().ShouldBe("user:bob");
            session.GetProperty("renewable").GetBoolean().ShouldBeFalse();
            (await browser.ChangeAsync(HttpMethod.Post, "/api/session/renewal")).Status.ShouldBe(HttpStatusCode.Unauthorized);
            (await browser.SessionAsync()).Body.GetProperty("subject").GetString().ShouldBe("user:bob");
        }
    }

    [Fact]
    public async Task Addresses_with_letters_of_other_alphabets_go_out_as_a_header_can_have_them()
    {
        var issuer = await server.IssuerAsync(Groups("developers"));
        await using var gateway = await StartAsync(issuer);
        using var browser = new SignInBrowser(gateway);
        (await browser.SignInAsync("ada", "/p/schöne neue/keys?x=1&y=é#ende")).ShouldBe("/p/sch%C3%B6ne%20neue/keys?x=1&y=%C3%A9");
        (await browser.SignInAsync("ada", $"/p/{new string('a', 3_000)}")).ShouldBe("/", "no browser would keep the sign-in's cookie");

        await using var other = await StartAsync(issuer, clock: null, ("Console:PublicUrl", "https://ki.müller.example"), ("Oidc:ClientId", "Gruppe Süd"));
        using var begun = await other.GetAsync("/api/session/oidc/begin", key: null);
        var query = begun.Headers.Location.ShouldNotBeNull().OriginalString;
        query.ShouldContain("client_id=Gruppe%20S%C3%BCd&redirect_uri=https%3A%2F%2Fki.xn--mller-kva.example%2Fapi%2Fsession%2Foidc%2Fcallback&scope=openid%20groups&");
        using var end = await other.GetAsync("/api/session/oidc/end", key: null);
        end.Headers.Location.ShouldNotBeNull().OriginalString.ShouldEndWith("?client_id=Gruppe%20S%C3%BCd&post_logout_redirect_uri=https%3A%2F%2Fki.xn--mller-kva.example%2Fsignin");
    }

    [Theory]
    [InlineData("https://login.example/realms/Gruppe-S%C3%BCd/auth?a=b%20c", "https://login.example/realms/Gruppe-S%C3%BCd/auth?a=b%20c")]
    [InlineData("https://login.müller.example:8443/realms/Süd", "https://login.xn--mller-kva.example:8443/realms/S%C3%BCd")]
    [InlineData("http://[::1]:8080/auth", "http://[::1]:8080/auth")]
    public void An_address_of_the_providers_document_is_a_URI_of_ASCII(string address, string written) => new Uri(address).ToAscii().ShouldBe(written);

    [Fact]
    public async Task What_fails_leads_back_to_the_sign_in_page_with_its_reason_and_begins_no_session()
    {
        var issuer = await server.IssuerAsync(Groups("developers"));
        await using var gateway = await StartAsync(issuer);

        // 1. Nobody's group; a person who does not want to; an address of another site to come back to.
        await issuer.ChangeAsync(Groups("a club"));
        await FailsAsync("/signin?error=group&return=%2Fp%2Fdefault%2Fkeys", browser => browser.SignInAsync("ada"));
        await issuer.ChangeAsync(Groups("developers"));
        await FailsAsync("/signin?error=denied", browser => browser.SignInAsync("ada", "//evil.example/x", consents: false));

        // 2. An answer to what this browser did not ask.
        await FailsAsync("/signin?error=expired", browser => PathAsync(browser.GetAsync("/api/session/oidc/callback?code=c&state=s")));
        using var begun = await gateway.GetAsync("/api/session/oidc/begin", key: null);
        var ticket = begun.Headers.GetValues("Set-Cookie").Single();
        ticket.ShouldContain("samesite=lax");
        ticket.ShouldContain("httponly");
        var cookie = ticket.Split(';')[0];
        (await CallbackAsync("state=another&code=c", cookie)).ShouldBe("/signin?error=expired");
        (await CallbackAsync($"state={StateOf(begun)}&code=c", cookie + "x")).ShouldBe("/signin?error=expired");
        (await CallbackAsync($"state={StateOf(begun)}&code=c&iss=https%3A%2F%2Fevil.example", cookie)).ShouldBe("/signin?error=invalid");
        (await CallbackAsync($"state={StateOf(begun)}&code=made-up", cookie)).ShouldBe("/signin?error=invalid");

        // 3. The provider is away: between the two, and when a session would be renewed, which may be tried again.
        using var renewing = new SignInBrowser(gateway);
        (await renewing.SignInAsync("ada")).ShouldBe("/p/default/keys");
        await issuer.ChangeAsync(new { down = true });
        (await CallbackAsync($"state={StateOf(begun)}&code=c", cookie)).ShouldBe("/signin?error=away");
        (await renewing.ChangeAsync(HttpMethod.Post, "/api/session/renewal")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await renewing.SessionAsync()).Status.ShouldBe(HttpStatusCode.OK);
        await issuer.ChangeAsync(new { down = false });
        (await renewing.ChangeAsync(HttpMethod.Post, "/api/session/renewal")).Status.ShouldBe(HttpStatusCode.OK);

        async Task FailsAsync(string page, Func<SignInBrowser, Task<string>> go)
        {
            using var browser = new SignInBrowser(gateway);
            (await go(browser)).ShouldBe(page);
            (await browser.SessionAsync()).Status.ShouldBe(HttpStatusCode.NoContent);
        }

        async Task<string> CallbackAsync(string query, string cookie)
        {
            using var request = GatewayUnderTest.Request(HttpMethod.Get, $"/api/session/oidc/callback?{query}", key: null);
            request.Headers.Add("Cookie", cookie);
            using var response = await gateway.SendAsync(request);
            response.Headers.GetValues("Set-Cookie").ShouldAllBe(set => set.StartsWith("aifactory_signin=;"));
            return response.Headers.Location?.ToString() ?? "";
        }
    }

    /// <summary>The two ways to set it up wrongly look the same to who signs in, and not to who has to mend it.</summary>
    [Theory]
    [InlineData("openid groups", "group", "none of Oidc:Groups is among theirs: a club")]
    [InlineData("openid", "claim", "the identity provider says nothing of groups in 'groups'")]
    public async Task No_group_that_means_anything_and_no_word_of_groups_are_told_apart(string scope, string error, string logged)
    {
        var issuer = await server.IssuerAsync(Groups("a club"));
        await using var gateway = await StartAsync(issuer, clock: null, ("Oidc:Scope", scope));
        using var browser = new SignInBrowser(gateway);

        (await browser.SignInAsync("ada", "/")).ShouldBe($"/signin?error={error}");

        gateway.Log.Lines.ShouldContain(line => line.Contains($"user:ada signed in at the identity provider and may do nothing here: {logged}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_console_that_starts_without_its_provider_says_so_and_one_without_any_has_no_button()
    {
        var issuer = await server.IssuerAsync(new { down = true });
        await using var gateway = await StartAsync(issuer);
        await using var plain = await GatewayUnderTest.StartAsync(new Plan());
        using var browser = new SignInBrowser(gateway);

        (await browser.SignInAsync("ada", "/")).ShouldBe("/signin?error=away");
        (await NameAsync(gateway)).ShouldBe("Example ID");
        (await NameAsync(plain)).ShouldBeNull();
        using (var end = await gateway.GetAsync("/api/session/oidc/end", key: null))
        {
            end.Headers.Location?.ToString().ShouldBe("/signin");
        }

        static async Task<string?> NameAsync(GatewayUnderTest gateway)
        {
            using var response = await gateway.GetAsync("/api/session/oidc", key: null);
            return JsonDocument.Parse(await GatewayUnderTest.TextAsync(response)).RootElement.GetProperty("name").GetString();
        }
    }

    [Fact]
    public async Task Its_cookies_are_strict_sealed_and_change_nothing_by_themselves()
    {
        var issuer = await server.IssuerAsync(Groups("admins"));
        await using var gateway = await StartAsync(issuer, clock: null, ("Console:PublicUrl", "https://ai.example.com"));
        await using var stranger = await StartAsync(await server.IssuerAsync(Groups("admins")));
        using var begun = await gateway.GetAsync("/api/session/oidc/begin", key: null);
        begun.Headers.Location.ShouldNotBeNull().Query.ShouldContain("redirect_uri=https%3A%2F%2Fai.example.com%2Fapi%2Fsession%2Foidc%2Fcallback");
        begun.Headers.Location.Query.ShouldContain("code_challenge_method=S256");
        begun.Headers.GetValues("Set-Cookie").Single().ShouldContain("; secure;");

        await using var own = await StartAsync(await server.IssuerAsync(Groups("admins")));
        using var browser = new SignInBrowser(own);
        await browser.SignInAsync("ada");
        var session = browser.Cookie("/", "aifactory_session");
        browser.Cookie("/", "aifactory_renewal").ShouldBe("", "it goes to the session's routes alone");
        browser.Cookie("/api/session", "aifactory_renewal").ShouldNotBe("");
        session.ShouldStartWith("o.");

        (await StatusAsync(own, session, HttpMethod.Get)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(own, session, HttpMethod.Post)).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync(stranger, session, HttpMethod.Get)).ShouldBe(HttpStatusCode.Unauthorized, "its provider is another one");
        (await StatusAsync(own, "o." + browser.Cookie("/api/session", "aifactory_renewal"), HttpMethod.Get)).ShouldBe(HttpStatusCode.Unauthorized, "it is for another purpose");
        var changed = session[..^3] + (session[^3] == 'A' ? 'B' : 'A') + session[^2..];
        (await StatusAsync(own, changed, HttpMethod.Get)).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(own, "o.", HttpMethod.Get)).ShouldBe(HttpStatusCode.Unauthorized);

        static async Task<HttpStatusCode> StatusAsync(GatewayUnderTest gateway, string session, HttpMethod method)
        {
            using var request = GatewayUnderTest.Request(method, "/api/library/projects", key: null, method == HttpMethod.Post ? "{}" : null);
            request.Headers.Add("Cookie", $"aifactory_session={session}");
            using var response = await gateway.SendAsync(request);
            return response.StatusCode;
        }
    }

    private static async Task<GatewayUnderTest> StartAsync(OidcIssuer issuer, TimeProvider? clock = null, params (string Name, string Value)[] settings)
    {
        var gateway = await GatewayUnderTest.StartAsync(new Plan(), clock ?? TimeProvider.System, [.. issuer.SignInSettings.ExceptBy(settings.Select(setting => setting.Name), setting => setting.Name), .. settings]);
        await issuer.AdmitAsync(gateway.Client.BaseAddress.ShouldNotBeNull());
        return gateway;
    }

    private static string StateOf(HttpResponseMessage begun) =>
        Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(begun.Headers.Location.ShouldNotBeNull().Query)["state"].ToString();

    private static async Task<string> PathAsync(Task<HttpResponseMessage> asked)
    {
        using var response = await asked;
        return response.RequestMessage?.RequestUri?.PathAndQuery ?? "";
    }
}
