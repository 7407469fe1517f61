using AiFactory.Contracts.Routing;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Secrets;
using AiFactory.ServiceDefaults.Upstreams;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Tests.Edges;

/// <summary>Upstreams as the library publishes them.</summary>
internal static class CloudPlan
{
    /// <summary>No part of anything else that a test says, so that its bytes can be looked for.</summary>
    public const string Secret = "sk-tests-0123456789-abcdefghij-ab12";

    public const string Model = "their-chat";

    /// <summary>A model of this name, served by that service under <see cref="Model"/>.</summary>
    /// <param name="place">What follows the service's address.</param>
    public static DeploymentRoute Cloud(string name, FakeWorker service, string kind = "openai", string place = "v1", string? credential = Secret, string task = "chat")
    {
        var url = new Uri(service.Address, place);
        var route = Plan.Deployment(name, "default", task, "project");
        var upstream = new UpstreamRoute(route.Id, $"cloud-{name}", kind, Model) { Local = true };
        return route with
        {
            External = true,
            Model = Model,
            Digest = "",
            Replicas = [new ReplicaRoute($"upstream/cloud-{name}", url.ToString())],
            Upstream = upstream with { Credential = credential is null ? null : Seal().Seal(credential, UpstreamPurpose.Of(upstream.Id, url)) },
        };
    }

    public static CredentialSeal Seal(string key = GatewayUnderTest.IdentityKey) => new(Options.Create(new SecretsOptions()), Options.Create(new IdentityOptions { Key = key }));
}
