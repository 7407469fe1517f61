using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing.Endpoints;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.ServiceDefaults.Tests.Identity;

public sealed class AuthorizationTests : IAsyncLifetime
{
    private TestService _service = null!; // InitializeAsync runs before each test.

    public async ValueTask InitializeAsync() => _service = await TestService.StartAsync(
        app =>
        {
            app.MapGet("/open", () => "open").AllowAnonymous();
            app.MapGet("/forgotten", () => "never");
            app.MapGet("/models", (HttpContext context) => context.GetIdentity().Subject).RequirePermission(Permissions.ModelsRead);
            app.MapGet("/projects/{project}/models", () => "models").RequirePermission(Permissions.ModelsRead);
            app.MapGet("/workers", () => "workers").RequireFactoryPermission(Permissions.WorkersRead);
            var group = app.MapGroup("/group").RequirePermission(Permissions.ModelsRead);
            group.MapGet("/approve", () => "approved").RequirePermission(Permissions.ModelsApprove);
        },
        builder => builder.Services.AddSingleton<IProblemDetailsWriter, EnvelopeWriter>());

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Theory]
    [InlineData("/models", Roles.Viewer, HttpStatusCode.OK)]
    [InlineData("/models", Roles.Worker, HttpStatusCode.Forbidden)]
    [InlineData("/projects/default/models", Roles.Viewer, HttpStatusCode.OK)]
    [InlineData("/projects/other/models", Roles.Viewer, HttpStatusCode.Forbidden)]
    [InlineData("/workers", Roles.Viewer, HttpStatusCode.Forbidden)]
    [InlineData("/group/approve", Roles.Viewer, HttpStatusCode.Forbidden)]
    [InlineData("/group/approve", Roles.Approver, HttpStatusCode.OK)]
    [InlineData("/forgotten", Roles.Admin, HttpStatusCode.Forbidden)]
    [InlineData("/nowhere", Roles.Admin, HttpStatusCode.NotFound)]
    public async Task A_permission_holds_where_it_was_given(string path, string role, HttpStatusCode status)
    {
        using var response = await _service.Client.SendAsync(_service.Request(HttpMethod.Get, path, role), TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(status);
    }

    [Fact]
    public async Task A_caller_of_the_whole_factory_reaches_every_project()
    {
        var token = _service.App.Services.GetRequiredService<IdentityTokens>().Issue(InternalIdentity.WithRoles("user:root", null, factoryWide: true, [Roles.Viewer]));
        foreach (var path in new[] { "/projects/other/models", "/workers" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Authorization = new("Bearer", token);
            using var response = await _service.Client.SendAsync(request, TestContext.Current.CancellationToken);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer nonsense")]
    [InlineData("Basic YTpi")]
    [InlineData("Bearer ")]
    public async Task Without_a_valid_token_the_answer_is_a_401_problem(string? header)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/models");
        if (header is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", header);
        }

        using var response = await _service.Client.SendAsync(request, TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        response.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer");
        response.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
        var problem = await response.Content.ReadFromJsonAsync<JsonObject>(TestContext.Current.CancellationToken);
        problem!["type"]!.GetValue<string>().ShouldBe("urn:aifactory:problem:unauthenticated");
    }

    [Fact]
    public async Task A_service_may_answer_in_another_format_on_its_routes()
    {
        using var response = await _service.Client.GetAsync("/v1/nothing", TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBe("""{"error":"urn:aifactory:problem:not-found"}""");
    }

    [Fact]
    public void The_endpoint_table_finds_the_route_that_declares_nothing()
    {
        EndpointTable.WithoutPermission(_service.App.Services).ShouldBe(["GET /forgotten"]);
        EndpointTable.Anonymous(_service.App.Services).ShouldBe(["GET /healthz", "GET /readyz", "GET /metrics", "GET /metrics/vllm", "GET /open"], ignoreOrder: true);
    }

    private sealed class EnvelopeWriter : IProblemDetailsWriter
    {
        public bool CanWrite(ProblemDetailsContext context) => context.HttpContext.Request.Path.StartsWithSegments("/v1");

        public ValueTask WriteAsync(ProblemDetailsContext context) =>
            new(context.HttpContext.Response.WriteAsync($$"""{"error":"{{context.ProblemDetails.Type}}"}"""));
    }
}
