using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Contracts;
using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Tests.Edges;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing.Postgres;

namespace AiFactory.ModelLibrary.Tests.Limits;

public class LimitTests(PostgresFixture postgres)
{
    private const string Factory = "/api/library/limits";
    private const string Project = "/api/library/projects/default/limits";

    private static readonly LimitRequest Burst = new("burst", LimitScopes.User, null, null, LimitMeasures.Requests, LimitPeriods.Minute, 60);

    [Fact]
    public async Task A_limit_is_published_changed_in_its_amount_deleted_and_each_act_is_audited()
    {
        await using var library = await StartAsync();
        using var admin = library.Admin();
        var budget = new LimitRequest("budget", LimitScopes.Project, null, "demo-chat", LimitMeasures.Cost, LimitPeriods.Month, 12.50m);

        var created = await admin.PostAsync<LimitRequest, LimitResponse>(Project, budget);
        await admin.PostAsync<LimitRequest, LimitResponse>(Factory, Burst with { Scope = LimitScopes.Factory });
        var route = (await library.SnapshotAsync(snapshot => snapshot.Limits?.Count == 2)).Limits.ShouldNotBeNull()[0];
        (route.Id, route.Name, route.Project, route.Scope, route.Owner).ShouldBe((created.Id, "budget", "default", "project", null));
        (route.Model, route.Measure, route.Period, route.Amount).ShouldBe(("demo-chat", "cost", "month", 12.5m));

        using (var changed = await admin.PutAsJsonAsync($"{Project}/budget", budget with { Amount = 20 }, Token))
        {
            (await changed.ReadAsync<LimitResponse>()).Amount.ShouldBe(20);
        }

        await library.SnapshotAsync(snapshot => snapshot.Limits?[0].Amount == 20);
        using (var deleted = await admin.DeleteAsync(new Uri($"{Project}/budget", UriKind.Relative), Token))
        {
            deleted.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }

        (await library.SnapshotAsync(snapshot => snapshot.Limits?.Count == 1)).Limits.ShouldNotBeNull()[0].Project.ShouldBeNull();
        var acts = (await admin.GetAsync<Page<AuditEntryResponse>>("/api/library/audit")).Items.Where(entry => entry.Target == "limit/budget").ToArray();
        acts.Select(entry => entry.Action).ShouldBe(["limit.created", "limit.updated", "limit.deleted"], ignoreOrder: true);
        acts.Single(entry => entry.Action == "limit.updated").Detail.ShouldNotBeNull().GetProperty("before").GetProperty("amount").GetDecimal().ShouldBe(12.5m);
    }

    [Fact]
    public async Task What_a_project_as_a_whole_may_use_only_a_factory_wide_caller_sets()
    {
        await using var library = await StartAsync();
        using var factory = library.Admin();
        using var admin = library.Client("user:ada", "default", Roles.Admin);
        using var developer = library.Client("user:dev", "default", Roles.Developer);
        var whole = Burst with { Name = "whole", Scope = LimitScopes.Project };
        await factory.PostAsync<LimitRequest, LimitResponse>(Project, whole);

        (await admin.PostAsync(Project, whole with { Name = "own" })).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await admin.PutAsJsonAsync($"{Project}/whole", whole with { Amount = 1000 }, Token)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await admin.DeleteAsync(new Uri($"{Project}/whole", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await admin.PostAsync(Factory, Burst)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await developer.PostAsync(Project, Burst)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await admin.PostAsync(Project, Burst)).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await developer.GetAsync<Page<LimitResponse>>(Project)).Items.Select(limit => limit.Name).ShouldBe(["burst", "whole"]);
        (await developer.GetAsync(new Uri(Factory, UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task What_is_wrong_is_said_by_its_field()
    {
        await using var library = await StartAsync();
        using var admin = library.Admin();
        await admin.PostAsync<LimitRequest, LimitResponse>(Project, Burst);

        foreach (var (request, field) in new[]
        {
            (Burst with { Name = "no good" }, "name"),
            (Burst with { Scope = "everyone" }, "scope"),
            (Burst with { Scope = LimitScopes.Factory }, "scope"),
            (Burst with { Scope = LimitScopes.Key, Owner = "laptop" }, "owner"),
            (Burst with { Scope = LimitScopes.Key, Owner = Guid.CreateVersion7().ToString() }, "owner"),
            (Burst with { Scope = LimitScopes.Project, Owner = "default" }, "owner"),
            (Burst with { Measure = "gold" }, "measure"),
            (Burst with { Period = null }, "period"),
            (Burst with { Period = "week" }, "period"),
            (Burst with { Measure = LimitMeasures.Concurrency }, "period"),
            (Burst with { Amount = 0 }, "amount"),
            (Burst with { Amount = 1.5m }, "amount"),
            (Burst with { Measure = LimitMeasures.Cost, Amount = 0.0000001m }, "amount"),
            (Burst with { Model = "" }, "model"),
            (Burst with { Model = "flow/support", Measure = LimitMeasures.Tokens }, "model"),
        })
        {
            (await FieldsAsync(await admin.PostAsync(Project, request))).ShouldBe([field], request.ToString());
        }

        (await FieldsAsync(await admin.PutAsJsonAsync($"{Project}/burst", Burst with { Measure = LimitMeasures.Tokens, Period = LimitPeriods.Day }, Token))).ShouldBe(["measure", "period"]);
        (await admin.PostAsync(Project, Burst)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await admin.PutAsJsonAsync($"{Project}/none", Burst, Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        for (var i = 1; i < 16; i++)
        {
            (await admin.PostAsync(Project, Burst with { Name = $"more-{i}" })).StatusCode.ShouldBe(HttpStatusCode.Created);
        }

        (await (await admin.PostAsync(Project, Burst with { Name = "too-many" })).ProblemAsync()).ShouldSatisfyAllConditions(
            problem => problem.Status.ShouldBe(409), problem => problem.Detail.ShouldContain("16 limits"));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<string[]> FieldsAsync(HttpResponseMessage response)
    {
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest, problem.ToString());
        return [.. problem.GetProperty("errors").EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal)];
    }

    private async Task<LibraryUnderTest> StartAsync()
    {
        var library = await LibraryUnderTest.StartAsync(postgres);
        using var admin = library.Admin();
        await admin.UntilAsync<Page<ProjectResponse>>("/api/library/projects", page => page.Items.Count == 1);
        return library;
    }
}
