using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Contracts.Guardrails;
using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Tests.Edges;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing.Postgres;

namespace AiFactory.ModelLibrary.Tests.Guardrails;

public class GuardrailTests(PostgresFixture postgres)
{
    private const string Factory = "/api/library/guardrails";
    private const string Project = "/api/library/projects/default/guardrails";

    private static readonly GuardrailRule NoMail = new() { Name = "no-mail", Kind = GuardrailKinds.Pii, Action = GuardrailActions.Mask, Entities = [GuardrailEntities.Email] };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rules_of_two_levels_are_saved_versioned_audited_and_published()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres, new() { ["Seed:Project"] = "default" });
        using var admin = library.Admin();
        await admin.UntilAsync<Page<ProjectResponse>>("/api/library/projects", page => page.Items.Count == 1);
        (await admin.GetAsync<GuardrailPolicyResponse>(Project)).ShouldSatisfyAllConditions(policy => policy.Version.ShouldBe(0), policy => policy.Rules.ShouldBeEmpty());

        var first = await (await SaveAsync(admin, Project, 0, NoMail)).ReadAsync<GuardrailPolicyResponse>();
        var second = await (await SaveAsync(admin, Project, 1, NoMail, NoMail with { Name = "more", Enabled = false })).ReadAsync<GuardrailPolicyResponse>();
        await SaveAsync(admin, Factory, null, NoMail with { Action = GuardrailActions.Block });

        (first.Version, second.Version, second.Rules.Count, second.UpdatedBy).ShouldBe((1, 2, 2, "user:admin"));
        (await admin.GetAsync<GuardrailPolicyResponse>(Project)).Rules.Select(rule => (rule.Name, rule.Enabled)).ShouldBe([("no-mail", true), ("more", false)]);
        var snapshot = await library.SnapshotAsync(snapshot => snapshot.Guardrails is { Count: 2 });
        snapshot.Guardrails!.Select(route => (route.Project, route.Deployment, route.Version)).ShouldBe([(null, null, 1), ("default", null, 2)]); // there are two
        var audit = await admin.GetAsync<Page<AuditEntryResponse>>("/api/library/projects/default/audit");
        audit.Items.Count(entry => entry is { Action: "guardrails.updated", Target: "guardrails" }).ShouldBe(2);

        // None left: nothing is published of this level, and the version goes on.
        (await (await SaveAsync(admin, Project, 2)).ReadAsync<GuardrailPolicyResponse>()).Version.ShouldBe(3);
        (await library.SnapshotAsync(snapshot => snapshot.Guardrails is { Count: 1 })).Guardrails![0].Project.ShouldBeNull();
    }

    [Fact]
    public async Task Who_saves_over_what_somebody_else_saved_learns_of_it()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var admin = library.Admin();
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SaveAsync(admin, Factory, 0, NoMail)));
        var late = await SaveAsync(admin, Factory, 0);

        answers.Select(answer => (int)answer.StatusCode).Order().ShouldBe([200, 409, 409, 409]);
        (await late.ProblemAsync()).ShouldSatisfyAllConditions(problem => problem.Status.ShouldBe(409), problem => problem.Detail.ShouldContain("newest version is 1"));
        (await admin.GetAsync<GuardrailPolicyResponse>(Factory)).Rules.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_fault_is_named_by_its_rule_and_member()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var admin = library.Admin();
        var response = await SaveAsync(
            admin,
            Factory,
            null,
            NoMail,
            NoMail with { Name = "Not good", Replacement = "a\"b" },
            new GuardrailRule { Name = "twice", Kind = "pattern", Action = "mask", Pattern = "a+" },
            new GuardrailRule { Name = "twice", Kind = "pii", Action = "hide", AppliesTo = "all", Entities = ["shoe-size"], Pattern = "a" },
            new GuardrailRule { Name = "small", Kind = "size", Action = "mask", Sizes = new GuardrailSizes() },
            new GuardrailRule { Name = "talk", Kind = "words", Action = "block", Words = ["fine", " "] },
            new GuardrailRule { Name = "quiet", Kind = "injection", Action = "block", AppliesTo = "output" },
            NoMail with { Name = "again", Entities = [GuardrailEntities.Email, GuardrailEntities.Phone, GuardrailEntities.Email] });

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var errors = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("errors");
        errors.EnumerateObject().Select(error => error.Name).Order(StringComparer.Ordinal).ShouldBe(
        [
            "rules[1].name", "rules[1].replacement", "rules[2].pattern", "rules[3].action", "rules[3].appliesTo", "rules[3].entities", "rules[3].name", "rules[3].pattern",
            "rules[4].action", "rules[4].appliesTo", "rules[4].sizes", "rules[5].words", "rules[6].appliesTo", "rules[7].entities",
        ]);
        errors.GetProperty("rules[2].pattern")[0].GetString().ShouldNotBeNull().ShouldContain("has no longest length");
    }

    /// <summary>The judge has to be there, for whom the rules are for, and each kind of judge has what it needs; nobody sends a project's texts to an upstream who may not.</summary>
    [Fact]
    public async Task A_rule_that_a_model_judges_is_saved_with_a_judge_that_can_and_one_of_a_schema_with_one_that_can_be_held_to()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres, new() { ["Seed:Project"] = "default", ["Upstreams:AllowedHosts:0"] = "api.example.com" });
        using var admin = library.Admin();
        await admin.UntilAsync<Page<ProjectResponse>>("/api/library/projects", page => page.Items.Count == 1);
        (await admin.PostAsync("/api/library/projects/default/upstreams", new UpstreamRequest("cloud", "openai", "https://api.example.com/v1",
        [
            new UpstreamModel("vectors", "a") { Task = "embedding", Visibility = "factory" }, new UpstreamModel("talker", "b"), new UpstreamModel("censor", "c") { Task = "moderation" }, new UpstreamModel("ranker", "d") { Task = "rerank" },
        ]))).EnsureSuccessStatusCode();
        var topic = new GuardrailRule { Name = "topic", Kind = "topic", Action = "block", Judge = "vectors", Threshold = 0.6, Topics = [new GuardrailTopic { Name = "weapons", Examples = ["swords"] }] };
        var form = new GuardrailRule { Name = "form", Kind = "schema", Action = "block", AppliesTo = "output", Schema = JsonDocument.Parse("""{"type":"object","required":["city"]}""").RootElement };

        (await FaultsAsync(Project, topic with { Action = "mask", Threshold = 1.5, OnFailure = "shrug", Authors = "nobody", Topics = [new GuardrailTopic { Name = "a" }, new GuardrailTopic { Name = "A", Examples = [" "] }, new GuardrailTopic { Name = "none" }] }))
            .ShouldBe(["rules[0].action", "rules[0].authors", "rules[0].onFailure", "rules[0].threshold", "rules[0].topics[1].examples", "rules[0].topics[1].name", "rules[0].topics[2].name"]);
        (await FaultsAsync(Project, topic with { Action = "flag", OnFailure = "block", Topics = [.. Enumerable.Range(0, 21).Select(i => new GuardrailTopic { Name = $"{i}" })] })).ShouldBe(["rules[0].onFailure", "rules[0].topics"]);
        (await FaultsAsync(Project, NoMail with { Topics = topic.Topics, Judge = "vectors", Threshold = 0.5, OnFailure = "pass", Authors = "all", Schema = form.Schema })).ShouldBe(["rules[0].authors", "rules[0].judge", "rules[0].onFailure", "rules[0].schema", "rules[0].threshold", "rules[0].topics"]);
        (await FaultsAsync(Project, topic with { Judge = null, Topics = [] }, topic with { Name = "b", Judge = "nobody" })).ShouldBe(["rules[0].judge", "rules[0].topics"], "who is not named is not looked for");
        (await FaultsAsync(Project, topic with { Judge = "nobody" }, topic with { Name = "b", Judge = "ranker", Threshold = null }, topic with { Name = "c", Threshold = null }, topic with { Name = "d", Judge = "talker" }, topic with { Name = "e", Judge = "censor", Threshold = null }))
            .ShouldBe(["rules[0].judge", "rules[1].judge", "rules[2].threshold", "rules[3].threshold", "rules[4].topics"]);
        (await FaultsAsync(Factory, topic with { Judge = "talker", Threshold = null })).ShouldBe(["rules[0].judge"], "a project's own judge is not for all");
        (await FaultsAsync(Project, form with { AppliesTo = "both", Action = "mask" }, form with { Name = "b", Schema = JsonDocument.Parse("""{"properties":{"a":{"$ref":"https://example.org/a"}}}""").RootElement }, form with { Name = "c", Schema = null }))
            .ShouldBe(["rules[0].action", "rules[0].appliesTo", "rules[1].schema", "rules[2].schema"]);

        using var editor = library.Client(InternalIdentity.WithRoles("user:editor", "default", false, [Roles.Admin]) with { Permissions = [Permissions.GuardrailsRead, Permissions.GuardrailsWrite] });
        (await SaveAsync(editor, Project, null, topic)).StatusCode.ShouldBe(HttpStatusCode.Forbidden, "an upstream gets what it judges");
        (await SaveAsync(admin, Project, null, topic, form, topic with { Name = "talk", Judge = "talker", Threshold = null })).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await SaveAsync(editor, Project, null, topic with { Threshold = 0.7, JudgeId = Guid.CreateVersion7() }, form)).StatusCode.ShouldBe(HttpStatusCode.OK, "it does already");
        (await SaveAsync(admin, Factory, null, topic)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var snapshot = await library.SnapshotAsync(snapshot => snapshot.Guardrails is { Count: 2 });
        var published = snapshot.Guardrails![1].Rules; // there are two
        published[0].JudgeId.ShouldBe(snapshot.Deployments.Single(deployment => deployment.Name == "vectors").Id, "which one it is, the library says");
        (published[0].Judge, published[0].Threshold, published[0].Topics?[0].Examples[0]).ShouldBe(("vectors", 0.7, "swords"));
        published[1].Schema?.GetProperty("required")[0].GetString().ShouldBe("city");

        async Task<string[]> FaultsAsync(string path, params GuardrailRule[] rules)
        {
            var response = await SaveAsync(admin, path, null, rules);
            response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
            return [.. (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("errors").EnumerateObject().Select(error => error.Name).Order(StringComparer.Ordinal)];
        }
    }

    [Fact]
    public async Task Everybody_reads_the_rules_and_only_an_administrator_writes_them()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres, new() { ["Seed:Project"] = "default" });
        using var admin = library.Admin();
        await admin.UntilAsync<Page<ProjectResponse>>("/api/library/projects", page => page.Items.Count == 1);
        using var viewer = library.Client("user:viewer", "default", Roles.Viewer);
        using var operators = library.Client("user:operator", "default", Roles.Operator);
        using var projects = library.Client("user:boss", "default", Roles.Admin);

        (await viewer.GetAsync(new Uri(Project, UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await SaveAsync(operators, Project, null, NoMail)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await SaveAsync(projects, Project, null, NoMail)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await SaveAsync(projects, Factory, null, NoMail)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await projects.GetAsync(new Uri(Factory, UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await SaveAsync(projects, "/api/library/projects/other/guardrails", null, NoMail)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await SaveAsync(projects, "/api/library/projects/default/deployments/none/guardrails", null, NoMail)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private static Task<HttpResponseMessage> SaveAsync(HttpClient client, string path, int? baseVersion, params GuardrailRule[] rules) =>
        client.PutAsJsonAsync(path, new GuardrailPolicyRequest(baseVersion, rules), Token);
}
