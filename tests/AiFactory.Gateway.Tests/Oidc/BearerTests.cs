using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Gateway.Tests.OpenAI;
using AiFactory.Gateway.Tests.Sockets;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing;
using AiFactory.Testing.Oidc;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests.Oidc;

/// <summary>FEATURES rows 8 and 9: bearer tokens of a genuine OIDC provider.</summary>
public sealed class BearerTests(OidcServer server, PostgresFixture postgres)
{
    /// <summary>Tests do not wait ten seconds for the next question.</summary>
    private static readonly (string, string) AskAgainSoon = ("Oidc:UnknownKeyInterval", "00:00:01");

    private static readonly object AdaDevelops = new { groups = new { ada = new[] { "developers", "a group that nobody mapped" } } };

    [Fact]
    public async Task A_token_of_each_algorithm_opens_the_model_routes_and_its_user_stands_in_the_ledger()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var ledger = await Ledger.CreateAsync(postgres);
        var issuer = await server.IssuerAsync(AdaDevelops);
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), [.. issuer.Settings, ledger.Setting]);

        foreach (var algorithm in (string[])["RS256", "PS256", "ES256"])
        {
            var token = await issuer.TokenAsync(algorithm: algorithm);
            for (var i = 0; i < 2; i++)
            {
                using var response = await gateway.ChatAsync(key: token);
                response.StatusCode.ShouldBe(HttpStatusCode.OK, $"{algorithm}: {await GatewayUnderTest.TextAsync(response)}");
                worker.Seen.ShouldAllBe(seen => !seen.Headers.Values.Any(value => value.Contains(token)));
            }
        }

        var rows = await ledger.RowsAsync(6);
        rows.ShouldAllBe(row => row.Subject == "user:ada" && row.Project == "default" && row.KeyId == null);
        (await issuer.CountAsync("/jwks")).ShouldBe(1);
    }

    [Fact]
    public async Task What_the_provider_did_not_make_for_us_now_is_refused_and_no_model_is_asked()
    {
        var clock = new ManualTimeProvider(TimeProvider.System.GetUtcNow());
        await using var worker = await FakeWorker.StartedAsync();
        var issuer = await server.IssuerAsync(AdaDevelops);
        var stranger = await server.IssuerAsync(AdaDevelops);
        var keys = (await issuer.ChangeAsync(new { })).GetProperty("keys");
        var genuine = await issuer.TokenAsync(algorithm: "RS256", seconds: 600);
        var forged = new ForgedTokens(genuine, keys);
        using var other = RSA.Create(2048);
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), clock, [.. issuer.Settings, AskAgainSoon]);
        var ecId = keys.EnumerateArray().First(key => key.GetProperty("kty").GetString() == "EC").GetProperty("kid").GetString();

        // 1. The forger's own way of signing works: what follows fails for what was changed.
        await ShouldBeAsync(forged.Signed(), HttpStatusCode.OK, null);
        var asked = worker.Seen.Count;

        // 2. Algorithms.
        foreach (var none in (string[])["none", "None", "NONE", ""])
        {
            await ShouldBeAsync(forged.None(none), HttpStatusCode.Unauthorized, "another algorithm");
        }

        foreach (var hmac in forged.WithPublicKeyAsSecret())
        {
            await ShouldBeAsync(hmac, HttpStatusCode.Unauthorized, "another algorithm");
        }

        await ShouldBeAsync(forged.Signed(header: $$"""{"alg":"RS512","kid":"{{forged.RsaKeyId}}"}"""), HttpStatusCode.Unauthorized, "another algorithm");
        await ShouldBeAsync(forged.Signed(header: $$"""{"alg":"PS256","kid":"{{forged.RsaKeyId}}"}"""), HttpStatusCode.Unauthorized, "signature is wrong");
        await ShouldBeAsync(forged.Signed(header: $$"""{"alg":"RS256","kid":"{{ecId}}"}"""), HttpStatusCode.Unauthorized, "does not name");

        // 3. Shapes.
        await ShouldBeAsync($"{forged.Signed()}.x.y", HttpStatusCode.Unauthorized, "encrypted");
        await ShouldBeAsync($"{ForgedTokens.Encode("""{"alg":"RSA-OAEP","enc":"A256GCM","zip":"DEF"}""")}.a.b.c.d", HttpStatusCode.Unauthorized, "encrypted");
        await ShouldBeAsync(forged.Signed(claims => claims["pad"] = new string('x', 8 * 1024)), HttpStatusCode.Unauthorized, "longer than 8192");
        await ShouldBeAsync(forged.Signed(header: $$"""{"alg":"RS256","kid":"{{forged.RsaKeyId}}","crit":["exp"]}"""), HttpStatusCode.Unauthorized, "neither an API key");
        await ShouldBeAsync(forged.Signed(header: $$"""{"alg":"none","alg":"RS256","kid":"{{forged.RsaKeyId}}"}"""), HttpStatusCode.Unauthorized, "neither an API key");
        await ShouldBeAsync(forged.Unsigned("[1]"), HttpStatusCode.Unauthorized, "neither an API key");
        await ShouldBeAsync("..", HttpStatusCode.Unauthorized, "neither an API key");
        await ShouldBeAsync(genuine + "=", HttpStatusCode.Unauthorized, "neither an API key");

        // 4. Signatures, and keys that a token brings with it.
        await ShouldBeAsync(forged.Unsigned($$"""{"alg":"RS256","kid":"{{forged.RsaKeyId}}"}"""), HttpStatusCode.Unauthorized, "signature is wrong");
        await ShouldBeAsync(forged.Signed(key: other), HttpStatusCode.Unauthorized, "signature is wrong");
        await ShouldBeAsync(forged.Signed(key: other, header: """{"alg":"RS256","kid":"mine","jku":"http://127.0.0.1:1/keys"}"""), HttpStatusCode.Unauthorized, "does not name");

        // 5. Claims.
        await ShouldBeAsync(await issuer.TokenAsync(audience: "another-application"), HttpStatusCode.Unauthorized, "not for the audience 'aifactory'");
        await ShouldBeAsync(await stranger.TokenAsync(), HttpStatusCode.Unauthorized, "does not name");
        await ShouldBeAsync(forged.Signed(claims => claims["iss"] = stranger.Address.ToString()), HttpStatusCode.Unauthorized, "another issuer");
        await ShouldBeAsync(forged.Signed(claims => claims.Remove("aud")), HttpStatusCode.Unauthorized, "not for the audience");
        await ShouldBeAsync(forged.Signed(claims => claims.Remove("exp")), HttpStatusCode.Unauthorized, "no subject or no expiry");
        await ShouldBeAsync(forged.Signed(claims => claims["exp"] = "never"), HttpStatusCode.Unauthorized, "no subject or no expiry");
        await ShouldBeAsync(forged.Signed(claims => claims.Remove("sub")), HttpStatusCode.Unauthorized, "no subject or no expiry");
        await ShouldBeAsync(forged.Signed(claims => claims["nbf"] = clock.GetUtcNow().AddMinutes(2).ToUnixTimeSeconds()), HttpStatusCode.Unauthorized, "not valid yet");

        // 6. Time: one that was verified and remembered ends too, after what two clocks may differ by.
        clock.Advance(forged.ExpiresAt.AddSeconds(29) - clock.GetUtcNow());
        await ShouldBeAsync(genuine, HttpStatusCode.OK, null);
        clock.Advance(TimeSpan.FromSeconds(1));
        await ShouldBeAsync(genuine, HttpStatusCode.Unauthorized, "expired");
        worker.Seen.Count.ShouldBe(asked + 1);
        gateway.Log.Lines.ShouldAllBe(line => !line.Contains(genuine));

        async Task ShouldBeAsync(string token, HttpStatusCode status, string? says)
        {
            using var response = await gateway.ChatAsync(key: token);
            var text = await GatewayUnderTest.TextAsync(response);
            response.StatusCode.ShouldBe(status, $"{says}: {text}");
            if (says is not null)
            {
                var error = await EnvelopeTests.ErrorAsync(response);
                error.GetProperty("code").GetString().ShouldBe("invalid_token");
                error.GetProperty("message").GetString().ShouldNotBeNull().ShouldContain(says);
            }
        }
    }

    [Fact]
    public async Task New_keys_of_the_provider_are_taken_with_the_first_token_and_forged_ones_raise_no_storm()
    {
        var clock = new ManualTimeProvider(TimeProvider.System.GetUtcNow());
        await using var worker = await FakeWorker.StartedAsync();
        var issuer = await server.IssuerAsync(AdaDevelops);
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), clock, [.. issuer.Settings, AskAgainSoon]);
        var former = await issuer.TokenAsync();
        await ShouldBeAsync(former, HttpStatusCode.OK);

        // 1. The key changes. Who shows a token of the new one waits for the provider's answer and is served; the former key's tokens end, though one was remembered.
        clock.Advance(TimeSpan.FromSeconds(10));
        await issuer.ChangeAsync(new { rotate = true });
        var next = await issuer.TokenAsync();
        await ShouldBeAsync(next, HttpStatusCode.OK);
        await ShouldBeAsync(former, HttpStatusCode.Unauthorized);
        var asked = await issuer.CountAsync("/jwks");

        // 2. Any number of made-up keys: one question within an interval, however many of them this machine takes for that.
        clock.Advance(TimeSpan.FromSeconds(10));
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => ShouldBeAsync(
            $"{ForgedTokens.Encode($$"""{"alg":"ES256","kid":"made-up-{{i}}"}""")}.{next.Split('.')[1]}.{next.Split('.')[2]}", HttpStatusCode.Unauthorized)));
        (await issuer.CountAsync("/jwks")).ShouldBeInRange(asked + 1, asked + 20);

        // 3. They do not shut out who comes with a new key right behind them: that one waits for the next question. Nor does whoever shows the same made-up one again.
        await issuer.ChangeAsync(new { rotate = true });
        next = await issuer.TokenAsync();
        await ShouldBeAsync(next, HttpStatusCode.OK);
        asked = await issuer.CountAsync("/jwks");
        await ShouldBeAsync($"{ForgedTokens.Encode("""{"alg":"ES256","kid":"made-up"}""")}.e30.e30", HttpStatusCode.Unauthorized);
        var after = await issuer.CountAsync("/jwks");
        await ShouldBeAsync($"{ForgedTokens.Encode("""{"alg":"ES256","kid":"made-up"}""")}.e30.e30", HttpStatusCode.Unauthorized);
        (after - asked, await issuer.CountAsync("/jwks") - after).ShouldBe((1, 0));

        // 4. A browser's WebSocket brings its token elsewhere, and waits like all others.
        await issuer.ChangeAsync(new { rotate = true });
        next = await issuer.TokenAsync();
        using (var socket = await SocketClient.OpenAsync(gateway, options =>
        {
            options.AddSubProtocol("aifactory.v1");
            options.AddSubProtocol($"aifactory-key.{next}");
        }))
        {
            socket.Socket.SubProtocol.ShouldBe("aifactory.v1");
        }

        // 5. The provider is away: its last keys hold, for those who are known and for others.
        var another = await issuer.TokenAsync();
        await issuer.ChangeAsync(new { down = true });
        clock.Advance(TimeSpan.FromSeconds(10));
        await ShouldBeAsync($"{ForgedTokens.Encode("""{"alg":"ES256","kid":"made-up"}""")}.e30.e30", HttpStatusCode.Unauthorized);
        await ShouldBeAsync(next, HttpStatusCode.OK);
        await ShouldBeAsync(another, HttpStatusCode.OK);
        using var ready = await gateway.GetAsync("/readyz", key: null);
        ready.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await GatewayUnderTest.TextAsync(ready)).ShouldContain("the identity provider is away: ");

        async Task ShouldBeAsync(string token, HttpStatusCode status)
        {
            using var response = await gateway.ChatAsync(key: token);
            response.StatusCode.ShouldBe(status, await GatewayUnderTest.TextAsync(response));
        }
    }

    [Fact]
    public async Task A_gateway_that_starts_without_its_provider_serves_keys_and_takes_tokens_when_it_is_there()
    {
        await using var worker = await FakeWorker.StartedAsync();
        var issuer = await server.IssuerAsync(AdaDevelops);
        var token = await issuer.TokenAsync();
        await issuer.ChangeAsync(new { down = true });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), [.. issuer.Settings, ("Oidc:UnknownKeyInterval", "00:00:01")]);

        using var key = await gateway.ChatAsync();
        using var early = await gateway.ChatAsync(key: token);
        key.StatusCode.ShouldBe(HttpStatusCode.OK);
        early.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        early.Headers.RetryAfter.ShouldNotBeNull();
        (await EnvelopeTests.ErrorAsync(early)).GetProperty("code").GetString().ShouldBe("identity_provider_unavailable");

        await issuer.ChangeAsync(new { down = false });
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            using var response = await gateway.ChatAsync(key: token);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                break;
            }

            limit.IsCancellationRequested.ShouldBeFalse("the gateway should have got the keys");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Groups_open_their_projects_and_a_group_that_is_taken_away_opens_nothing_with_the_next_token()
    {
        await using var worker = await FakeWorker.StartedAsync();
        var issuer = await server.IssuerAsync(new { groups = new { ada = new[] { "developers", "others" }, bob = new[] { "all-readers", "others" }, eve = new[] { "readers" } } });
        await using var gateway = await GatewayUnderTest.StartAsync(
            Plan.Of(Plan.Deployment("demo-chat", worker), Plan.Deployment("theirs", "other", "chat", "project", worker)), issuer.Settings);
        var (ada, bob, eve) = (await issuer.TokenAsync(), await issuer.TokenAsync("bob"), await issuer.TokenAsync("eve"));

        // 1. Who has several projects says which.
        (await ModelsAsync(ada, "default")).ShouldBe("demo-chat");
        (await ModelsAsync(ada, "other")).ShouldBe("theirs");
        (await ModelsAsync(ada, null)).ShouldBe("400 project_required");
        (await ModelsAsync(ada, "a-third")).ShouldBe("403 mismatched_project");

        // 2. Who reads the whole factory calls models where a project lets them.
        (await ModelsAsync(bob, "other")).ShouldBe("theirs");
        (await ModelsAsync(bob, "default")).ShouldBe("403 missing_scope");
        (await ModelsAsync(eve, null)).ShouldBe("403 missing_scope");

        // 3. The management routes have the identity of the project that they are about.
        (await IdentityAsync(gateway, ada, "/api/library/projects/other/keys")).ShouldSatisfyAllConditions(
            identity => identity.Subject.ShouldBe("user:ada"), identity => identity.Project.ShouldBe("other"), identity => identity.FactoryWide.ShouldBeFalse(), identity => identity.Roles.ShouldBe(["developer"]));
        (await IdentityAsync(gateway, ada, "/api/library/projects")).Projects.ShouldBe(["default", "other"]);
        (await IdentityAsync(gateway, bob, "/api/library/workers")).ShouldSatisfyAllConditions(
            identity => identity.FactoryWide.ShouldBeTrue(), identity => identity.Roles.ShouldBe(["viewer"]));
        (await IdentityAsync(gateway, bob, "/api/library/projects/other/keys")).ShouldSatisfyAllConditions(
            identity => identity.FactoryWide.ShouldBeFalse(), identity => identity.Roles.ShouldBe(["viewer", "developer"]));

        // 4. Out of the group.
        await issuer.ChangeAsync(new { groups = new { ada = new[] { "some club" } } });
        (await ModelsAsync(await issuer.TokenAsync(), "default")).ShouldBe("403 no_mapped_group");
        using var management = await gateway.GetAsync("/api/library/projects", await issuer.TokenAsync());
        management.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await GatewayUnderTest.TextAsync(management)).ShouldContain("Oidc:Groups");

        async Task<string> ModelsAsync(string token, string? project)
        {
            using var request = GatewayUnderTest.Request(HttpMethod.Get, "/v1/models", token);
            request.Headers.Add("OpenAI-Project", project is null ? [] : [project]);
            using var response = await gateway.SendAsync(request);
            var answer = JsonDocument.Parse(await GatewayUnderTest.TextAsync(response)).RootElement;
            return response.IsSuccessStatusCode
                ? string.Join(' ', answer.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()))
                : $"{(int)response.StatusCode} {answer.GetProperty("error").GetProperty("code").GetString()}";
        }
    }

    private static async Task<InternalIdentity> IdentityAsync(GatewayUnderTest gateway, string token, string path)
    {
        using var response = await gateway.GetAsync(path, token);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var seen = gateway.Library.Seen.Last(request => request.Target == path);
        gateway.Services.GetRequiredService<IdentityTokens>().TryVerify(seen.Headers["Authorization"]["Bearer ".Length..], out var identity).ShouldBeTrue();
        return identity.ShouldNotBeNull();
    }
}
