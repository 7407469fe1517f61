using System.Net;
using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Tests.Edges;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing.Endpoints;
using AiFactory.Testing.Postgres;

namespace AiFactory.ModelLibrary.Tests;

public class EndpointTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Every_route_names_its_permission_and_only_health_is_open()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);

        EndpointTable.WithoutPermission(library.Services).ShouldBeEmpty();
        EndpointTable.Anonymous(library.Services).ShouldAllBe(route => route.Contains("/healthz") || route.Contains("/readyz") || route.Contains("/metrics"));
    }

    [Fact]
    public async Task The_openapi_document_names_the_routes_and_is_not_for_everyone()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var admin = library.Admin();
        using var nobody = library.Anonymous();

        (await admin.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative), Token)).ShouldContain("/api/library/projects/{project}/deployments/{name}");
        (await nobody.GetAsync(new Uri("/openapi/v1.json", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_caller_of_one_project_sees_nothing_of_another()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var admin = library.Admin();
        await admin.PostAsync<ProjectRequest, ProjectResponse>("/api/library/projects", new ProjectRequest("red", null, null));
        await admin.PostAsync<ProjectRequest, ProjectResponse>("/api/library/projects", new ProjectRequest("blue", null, null));
        var key = await admin.PostAsync<ApiKeyRequest, ApiKeyCreated>("/api/library/projects/blue/keys", new ApiKeyRequest("k", null, false, null));
        await library.PlaceAsync("m.gguf", TinyGguf.Chat().ToBytes());
        var source = await admin.PostAsync<SourceRequest, SourceResponse>(
            "/api/library/projects/blue/sources", new SourceRequest("s", "directory", library.Models, null, null, null));
        var models = await admin.UntilAsync<Page<ModelResponse>>("/api/library/projects/blue/models", page => page.Items.Count == 1);
        using var red = library.Client("user:red", "red", Roles.Admin);

        (await red.GetAsync<Page<ProjectResponse>>("/api/library/projects")).Items.ShouldHaveSingleItem().Name.ShouldBe("red");

        // One who acts in one of several projects finds the others, and does nothing there.
        using var both = library.Client(InternalIdentity.WithRoles("user:both", "red", false, [Roles.Viewer]) with { Projects = ["blue", "red"] });
        (await both.GetAsync<Page<ProjectResponse>>("/api/library/projects")).Items.Select(project => project.Name).ShouldBe(["blue", "red"]);
        (await both.GetAsync(new Uri("/api/library/projects/blue/keys", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        foreach (var path in (string[])["", "/keys", "/sources", "/models", "/deployments", "/audit", $"/versions/{models.Items[0].Versions[0].Id}"])
        {
            (await red.GetAsync(new Uri($"/api/library/projects/blue{path}", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.Forbidden, path);
        }

        // Ids of another project, asked for below one's own.
        foreach (var path in (string[])[$"/sources/{source.Id}", $"/versions/{models.Items[0].Versions[0].Id}", "/models/m"])
        {
            (await red.GetAsync(new Uri($"/api/library/projects/red{path}", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound, path);
        }

        (await red.DeleteAsync(new Uri($"/api/library/projects/red/keys/{key.Key.Id}", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        var deploy = await red.PostAsync("/api/library/projects/red/deployments", new DeploymentRequest("d", models.Items[0].Versions[0].Id, null, null, null, null));
        deploy.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await red.GetAsync(new Uri("/api/library/audit", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await red.GetAsync(new Uri("/api/library/workers", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await red.GetAsync(new Uri("/internal/snapshot", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_list_comes_in_pages_and_a_limit_beyond_200_is_refused()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var admin = library.Admin();
        foreach (var name in (string[])["a", "b", "c"])
        {
            await admin.PostAsync<ProjectRequest, ProjectResponse>("/api/library/projects", new ProjectRequest(name, null, null));
        }

        var first = await admin.GetAsync<Page<ProjectResponse>>("/api/library/projects?limit=2");
        var second = await admin.GetAsync<Page<ProjectResponse>>($"/api/library/projects?limit=2&after={first.Next}");
        first.Items.Concat(second.Items).Select(project => project.Name).Where(name => name != "default").ShouldBe(["a", "b", "c"]);
        (await admin.GetAsync(new Uri("/api/library/projects?limit=201", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        // The gateways are told of all.
        (await library.SnapshotAsync(snapshot => snapshot.Projects?.Contains("c") == true)).Projects.ShouldNotBeNull().Where(name => name != "default").ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public async Task A_project_s_request_that_is_wrong_in_two_fields_names_both()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var admin = library.Admin();

        var response = await admin.PostAsync("/api/library/projects", new ProjectRequest("No Good", null, "nobody"));

        var text = await response.Content.ReadAsStringAsync(Token);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        text.ShouldContain("\"name\"");
        text.ShouldContain("\"approvalPolicy\"");
        (await admin.PostAsync("/api/library/projects", new ProjectRequest("default", null, null))).StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
