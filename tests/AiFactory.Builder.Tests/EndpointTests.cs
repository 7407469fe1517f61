using AiFactory.Builder.Tests.Edges;
using AiFactory.Testing.Endpoints;
using AiFactory.Testing.Postgres;

namespace AiFactory.Builder.Tests;

public sealed class EndpointTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Every_route_names_its_permission_and_only_health_is_open()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);

        EndpointTable.WithoutPermission(builder.Services).ShouldBeEmpty();
        EndpointTable.Anonymous(builder.Services).ShouldAllBe(route => route.Contains("/healthz") || route.Contains("/readyz") || route.Contains("/metrics"));
    }
}
