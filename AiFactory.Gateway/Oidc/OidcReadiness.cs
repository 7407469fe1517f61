using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AiFactory.Gateway.Oidc;

/// <summary>Says that the provider is away; the gateway is ready all the same, for keys open it without one, and tokens as long as its last keys hold.</summary>
internal sealed class OidcReadiness(OidcProvider provider) : IHealthCheck
{
    public const string Name = "oidc";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult((provider.Failure, provider.State) switch
        {
            (null, null) => HealthCheckResult.Degraded("the identity provider has not answered yet"),
            (null, { } state) => HealthCheckResult.Healthy($"{state.Keys.Count} keys of {state.Document.Issuer}"),
            ({ } failure, _) => HealthCheckResult.Degraded($"the identity provider is away: {failure}"),
        });
}
