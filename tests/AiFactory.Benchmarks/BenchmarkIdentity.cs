using AiFactory.ServiceDefaults.Identity;
using Microsoft.Extensions.Options;

namespace AiFactory.Benchmarks;

/// <summary>The internal identity of a caller, so that a worker can be called without the gateway.</summary>
internal static class BenchmarkIdentity
{
    public static string Token(string key, TimeSpan? lifetime = null) =>
        new IdentityTokens(Options.Create(new IdentityOptions { Key = key }), TimeProvider.System)
            .Issue(InternalIdentity.WithRoles("user:benchmark", "default", factoryWide: false, ["developer"]), lifetime);
}
