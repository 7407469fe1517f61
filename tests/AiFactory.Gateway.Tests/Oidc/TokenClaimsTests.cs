using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using System.Text.Json;
using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Oidc;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing;

namespace AiFactory.Gateway.Tests.Oidc;

public sealed class TokenClaimsTests
{
    [Theory]
    [InlineData("""{"groups":["a","b",3]}""", "groups", "a b")]
    [InlineData("""{"groups":"a"}""", "groups", "a")]
    [InlineData("""{"realm_access":{"roles":["a"]}}""", "realm_access.roles", "a")]
    [InlineData("""{"https://example.com/groups":["a"],"https://example":{"com/groups":["b"]}}""", "https://example.com/groups", "a")]
    [InlineData("""{"groups":[]}""", "groups", "")]
    [InlineData("""{"groups":{"a":1}}""", "groups", null)]
    [InlineData("""{"realm_access":["a"]}""", "realm_access.roles", null)]
    [InlineData("{}", "groups", null)]
    public void Groups_are_the_claim_of_that_name_or_the_end_of_that_path(string json, string claim, string? groups)
    {
        using var document = JsonDocument.Parse(json);

        var read = TokenClaims.ReadGroups(document.RootElement, claim);

        (read is null ? null : string.Join(' ', read)).ShouldBe(groups);
    }

    [Fact]
    public void What_is_remembered_is_bounded_and_those_who_expired_go_first()
    {
        var clock = new ManualTimeProvider();
        var cache = new UserCache(3, clock);
        for (var i = 0; i < 3; i++)
        {
            cache.Add(Hash(i), 1, new OidcUser("user:a", new Grants([], []), clock.GetUtcNow().AddMinutes(i < 2 ? 1 : 60), "default"));
        }

        clock.Advance(TimeSpan.FromMinutes(1));
        cache.Add(Hash(3), 1, new OidcUser("user:b", new Grants([], []), clock.GetUtcNow().AddMinutes(1), "default"));

        (cache.Find(Hash(0), 1), cache.Find(Hash(2), 1)?.Subject, cache.Find(Hash(3), 1)?.Subject).ShouldBe((null, "user:a", "user:b"));
        cache.Find(Hash(3), 2).ShouldBeNull("its key may have been withdrawn");
        for (var i = 4; i < 50; i++)
        {
            cache.Add(Hash(i), 1, new OidcUser("user:c", new Grants([], []), clock.GetUtcNow().AddMinutes(60), "default"));
            cache.Count.ShouldBeLessThanOrEqualTo(3);
        }
    }

    /// <summary>Review A14: hundreds of people make thousands of tokens a day, and few of them are valid at once.</summary>
    [Fact]
    public void Those_who_expired_are_forgotten_without_need()
    {
        var clock = new ManualTimeProvider();
        var cache = new UserCache(1_000, clock);
        for (var i = 0; i < 100; i++)
        {
            cache.Add(Hash(i), i % 2 == 0 ? 1 : -1, new OidcUser("user:a", new Grants([], []), clock.GetUtcNow().AddMinutes(5), "default"));
            clock.Advance(TimeSpan.FromMinutes(1));
            cache.Count.ShouldBeLessThanOrEqualTo(6);
            (i == 0 || cache.Find(Hash(i - 1), i % 2 == 0 ? -1 : 1) is not null).ShouldBeTrue("a session's beginning is no reason to forget tokens, nor the other way round");
        }
    }

    /// <summary>Review A14: each held the routes that were in force at its last request.</summary>
    [Fact]
    public void A_user_who_is_remembered_keeps_no_routes_that_were_replaced()
    {
        var user = new OidcUser("user:a", new Grants([Roles.Admin], []), DateTimeOffset.MaxValue, "default");

        var former = Use(user);
        GC.Collect();
        GC.WaitForPendingFinalizers();

        former.TryGetTarget(out _).ShouldBeFalse();
        GC.KeepAlive(user);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference<RoutingTable> Use(OidcUser user)
    {
        var table = new RoutingTable(
            new Plan().Snapshot(), FrozenDictionary<KeyHash, Caller>.Empty, FrozenDictionary<string, Caller>.Empty, FrozenDictionary<string, ProjectRoutes>.Empty,
            new ProjectRoutes("", [], [], null), FrozenDictionary<Guid, Deployment>.Empty);
        user.CallerFor("default", table).ShouldBeSameAs(user.CallerFor("default", table), "it is made once");
        return new WeakReference<RoutingTable>(table);
    }

    private static KeyHash Hash(int i) => new((ulong)i, 0, 0, 0);
}
