using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing.Endpoints;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests;

public sealed class EndpointTests
{
    [Fact]
    public async Task Every_route_names_its_permission_or_is_known_to_be_open()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan());

        EndpointTable.WithoutPermission(gateway.Services).ShouldBeEmpty();
        EndpointTable.Anonymous(gateway.Services).Order().ShouldBe(
        [
            "* /api/{**rest}", "* /v1/messages/{**rest}", "* /v1/{**rest}", "* /v2/{**rest}", "* /{**path}", "DELETE /api/session/",
            "GET /api/session/", "GET /api/session/oidc", "GET /api/session/oidc/begin", "GET /api/session/oidc/callback", "GET /api/session/oidc/end",
            "GET /healthz", "GET /metrics", "GET /metrics/vllm", "GET /readyz", "GET /v1/images/{image:guid}.{type}", "GET /v2/health/live", "GET /v2/health/ready", "POST /api/session/", "POST /api/session/renewal",
        ]);
    }

    [Fact]
    public async Task A_route_that_skips_the_middleware_asks_for_the_caller_itself()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan());
        var models = gateway.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(route => route.Metadata.GetMetadata<ModelRoute>() is not null)
            .ToArray();

        models.Length.ShouldBe(48);
        foreach (var route in models)
        {
            var path = route.RoutePattern.RawText!.Replace("{**model}", "demo-chat").Replace("{name}", "demo-chat").Replace("{version}", "1"); // made from text
            var method = route.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Single();
            using var none = await gateway.SendAsync(GatewayUnderTest.Request(new HttpMethod(method), path, key: null));
            using var viewer = await gateway.SendAsync(GatewayUnderTest.Request(new HttpMethod(method), path, Plan.ViewerKey));
            ((int)none.StatusCode).ShouldBe(401, path);
            ((int)viewer.StatusCode).ShouldBe(403, path);
        }
    }
}
