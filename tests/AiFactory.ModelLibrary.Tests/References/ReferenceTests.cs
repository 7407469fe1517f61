using System.Net;
using System.Net.Http.Json;
using AiFactory.Contracts.Guardrails;
using AiFactory.Contracts.Library;
using AiFactory.Contracts.Routing;
using AiFactory.ModelLibrary.Tests.Approvals;
using AiFactory.ModelLibrary.Tests.Deployments;
using AiFactory.ModelLibrary.Tests.Edges;
using AiFactory.ModelLibrary.Upstreams;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.ModelLibrary.Tests.References;

public class ReferenceTests(PostgresFixture postgres)
{
    private const string Upstream = "/api/library/projects/bank/upstreams/cloud";
    private const string Rules = "/api/library/projects/bank/guardrails";

    private static readonly GuardrailRule Topic = new() { Name = "weapons", Kind = "topic", Action = "block", Judge = "guard", Topics = [new GuardrailTopic { Name = "weapons" }] };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_policy_or_a_rule_names_is_not_deleted_and_who_names_it_is_said()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres, new() { ["Upstreams:AllowedHosts:0"] = "api.example.com" });
        using var ada = library.Admin();
        var plain = await DeployAsync(library, ada, "d2", "d3", "d4", "guard");
        var traffic = new TrafficPolicy { Splits = [new TrafficSplit("d2", 10)], Fallbacks = ["d3"], Shadow = new TrafficSplit("d4", 5) };
        await ada.PostAsync<DeploymentRequest, DeploymentResponse>(DeploymentTests.Path, plain with { Traffic = traffic });
        await DeployNearAsync(library, ada);
        (await PutAsync(ada, Cloud("near"))).EnsureSuccessStatusCode();
        await SaveAsync(ada, Rules, Topic, Topic with { Name = "also", Enabled = false });

        (await DeleteAsync(ada, "d2")).ShouldBe((409, "It is needed: 'd2' answers requests of 'd' (traffic.splits; a rollout gives them to another). Change that first."));
        (await DeleteAsync(ada, "d3")).ShouldBe((409, "It is needed: 'cloud-chat' falls back to 'd3' (traffic.fallbacks); 'd' falls back to 'd3' (traffic.fallbacks). Change that first."));
        (await DeleteAsync(ada, "d4")).ShouldBe((409, "It is needed: 'd' sends copies to 'd4' (traffic.shadow). Change that first."));
        (await DeleteAsync(ada, "near")).ShouldBe((409, "It is needed: 'cloud-chat' finds near questions by 'near' (cache.semantic.embeddings). Change that first."));
        (await DeleteAsync(ada, "guard")).ShouldBe((409, "It is needed: the rule 'weapons' of the project 'bank' has 'guard' judge. Change that first."));

        // Nothing of a refused one happens, and nothing stands in the way once it is named no more; what goes away itself needs nobody.
        (await library.SnapshotAsync(snapshot => snapshot.Guardrails is { Count: 1 })).Deployments.Count.ShouldBe(7);
        await SaveAsync(ada, Rules);
        (await DeleteAsync(ada, "guard")).Status.ShouldBe(204);
        (await DeleteAsync(ada, "d")).Status.ShouldBe(204);
        (await DeleteAsync(ada, "d2")).Status.ShouldBe(204);
        (await DeleteAsync(ada, "d3")).Detail.ShouldBe("It is needed: 'cloud-chat' falls back to 'd3' (traffic.fallbacks). Change that first.");
        (await ada.DeleteAsync(new Uri(Upstream, UriKind.Relative), Token)).EnsureSuccessStatusCode();
        (await DeleteAsync(ada, "d3")).Status.ShouldBe(204);
    }

    /// <summary>A name of nobody would hold whatever gets it later.</summary>
    [Fact]
    public async Task An_upstream_s_model_finds_near_questions_only_by_a_deployment_that_embeds()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres, new() { ["Upstreams:AllowedHosts:0"] = "api.example.com" });
        using var ada = library.Admin();
        await DeployAsync(library, ada, "d2");

        foreach (var name in (string[])["d2", "nobody"])
        {
            var refused = await PutAsync(ada, Cloud(name));
            refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
            (await refused.Content.ReadAsStringAsync(Token)).ShouldSatisfyAllConditions(
                text => text.ShouldContain("models[0].cache.semantic.embeddings"), text => text.ShouldContain(name), text => text.ShouldContain("with the task"));
        }
    }

    /// <summary>The rules of a name stay for the next deployment of that name; until then nobody sees them, and they judge nothing.</summary>
    [Fact]
    public async Task The_rules_of_one_deployment_need_their_judge_while_it_is_there_and_are_told_as_its_own()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Admin();
        await DeployAsync(library, ada, "d", "guard");
        await SaveAsync(ada, Rules, Topic);
        await SaveAsync(ada, $"{DeploymentTests.Path}/d/guardrails", Topic);
        await SaveAsync(ada, $"{DeploymentTests.Path}/guard/guardrails", Topic with { Name = "own" });

        (await DeleteAsync(ada, "guard")).ShouldBe(
            (409, "It is needed: the rule 'weapons' of the project 'bank' has 'guard' judge; the rule 'weapons' of 'd' in the project 'bank' has 'guard' judge. Change that first."));
        await SaveAsync(ada, Rules);
        (await DeleteAsync(ada, "guard")).ShouldBe((409, "It is needed: the rule 'weapons' of 'd' in the project 'bank' has 'guard' judge. Change that first."));
        (await DeleteAsync(ada, "d")).Status.ShouldBe(204);
        (await DeleteAsync(ada, "guard")).Status.ShouldBe(204);
    }

    [Fact]
    public async Task A_rule_that_is_switched_off_holds_no_judge_and_is_switched_on_only_where_there_is_one()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Admin();
        await DeployAsync(library, ada, "guard");
        await SaveAsync(ada, Rules, Topic);
        (await DeleteAsync(ada, "guard")).Status.ShouldBe(409);

        await SaveAsync(ada, Rules, Topic with { Enabled = false });
        (await DeleteAsync(ada, "guard")).Status.ShouldBe(204);
        (await ada.PutAsJsonAsync(Rules, new GuardrailPolicyRequest(null, [Topic]), Token)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    /// <summary>Else its owner ends all requests under rules that he may not even read.</summary>
    [Fact]
    public async Task A_judge_of_others_is_neither_hidden_from_them_nor_made_another_kind_of_model()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres, new() { ["Upstreams:AllowedHosts:0"] = "api.example.com", ["Seed:Project"] = "default" });
        using var ada = library.Admin();
        await ada.PostAsync<ProjectRequest, ProjectResponse>("/api/library/projects", new ProjectRequest("bank", null, null));
        await ada.UntilAsync<Page<ProjectResponse>>("/api/library/projects", page => page.Items.Count == 2);
        var shown = new UpstreamModel("guard", "a") { Visibility = "factory" };
        var others = new UpstreamModel("backup", "b") { Traffic = new TrafficPolicy { Fallbacks = ["guard"] } };
        (await PutAsync(ada, shown, others)).EnsureSuccessStatusCode();
        await SaveAsync(ada, Rules, Topic);
        using var owner = library.Client("user:owner", "bank", Roles.Admin);

        // Its own project has it still, and so has whoever names another's.
        (await PutAsync(owner, shown with { Visibility = "project" }, others)).EnsureSuccessStatusCode();
        (await PutAsync(ada, shown, others)).EnsureSuccessStatusCode();
        await SaveAsync(ada, "/api/library/guardrails", Topic with { Name = "all" });
        await SaveAsync(ada, "/api/library/projects/default/guardrails", Topic with { Name = "secret" });

        (await (await PutAsync(owner, shown with { Visibility = "project" }, others)).ProblemAsync()).ShouldBe(
            (409, "It is needed: the rule 'all' of the whole factory has 'guard' judge; a rule of another project has 'guard' judge (whoever acts for the whole factory is told whose, and may change it). Change that first."));
        (await (await PutAsync(ada, shown with { Visibility = "project" }, others)).ProblemAsync()).Detail.ShouldContain("the rule 'secret' of the project 'default' has 'guard' judge");
        (await (await PutAsync(owner, shown with { Task = "embedding" })).ProblemAsync()).Detail.ShouldContain("the rule 'weapons' of the project 'bank' has 'guard' judge");
        (await (await PutAsync(owner, others with { Traffic = null })).ProblemAsync()).Status.ShouldBe(409, "left out");
        (await (await owner.DeleteAsync(new Uri(Upstream, UriKind.Relative), Token)).ProblemAsync()).Detail.ShouldNotContain("backup", Case.Sensitive, "which goes too");
        (await PutAsync(owner, shown with { Model = "newer" }, others)).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Who_names_a_deployment_while_another_deletes_it_is_refused_or_keeps_it()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Admin();
        var plain = await DeployAsync(library, ada, "d");
        for (var round = 0; round < 6; round++)
        {
            await ada.PostAsync<DeploymentRequest, DeploymentResponse>(DeploymentTests.Path, plain with { Name = "other" });
            var named = round % 2 == 0
                ? ada.PutAsJsonAsync($"{DeploymentTests.Path}/d", plain with { Traffic = new TrafficPolicy { Fallbacks = ["other"] } }, Token)
                : ada.PutAsJsonAsync(Rules, new GuardrailPolicyRequest(null, [Topic with { Judge = "other" }]), Token);
            var deleted = DeleteAsync(ada, "other");

            (await named).IsSuccessStatusCode.ShouldNotBe((await deleted).Status == 204, $"round {round}: one of the two");

            (await ada.PutAsJsonAsync($"{DeploymentTests.Path}/d", plain, Token)).EnsureSuccessStatusCode();
            await SaveAsync(ada, Rules);
            await DeleteAsync(ada, "other");
        }
    }

    /// <summary>The one that was meant went away, and whose is found now nobody keeps from deleting it.</summary>
    [Fact]
    public async Task Another_project_s_judge_that_comes_up_while_rules_wait_for_their_turn_is_not_taken_unlocked()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres, new() { ["Upstreams:AllowedHosts:0"] = "api.example.com" });
        using var ada = library.Admin();
        foreach (var project in (string[])["bank", "first", "second"])
        {
            await ada.PostAsync<ProjectRequest, ProjectResponse>("/api/library/projects", new ProjectRequest(project, null, null));
        }

        var shown = new UpstreamRequest("cloud", "openai", "https://api.example.com/v1", [new UpstreamModel("guard", "a") { Visibility = "factory" }]);
        (await ada.PostAsJsonAsync("/api/library/projects/first/upstreams", shown, Token)).EnsureSuccessStatusCode();
        (await ada.PostAsJsonAsync("/api/library/projects/second/upstreams", shown, Token)).EnsureSuccessStatusCode();
        var database = library.Services.GetRequiredService<Database>();
        Task<HttpResponseMessage> saved;
        await using (var held = await database.BeginAsync(Token))
        {
            await library.Services.GetRequiredService<UpstreamStore>().LockNamesAsync(held, "bank", Token);
            saved = ada.PutAsJsonAsync(Rules, new GuardrailPolicyRequest(null, [Topic]), Token);
            const string Waits = "select exists (select 1 from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database()))";
            while (!saved.IsCompleted && !await database.FirstOrDefaultAsync<bool>(Waits, null, Token))
            {
            }

            (await ada.DeleteAsync(new Uri("/api/library/projects/first/upstreams/cloud", UriKind.Relative), Token)).EnsureSuccessStatusCode();
        }

        (await (await saved).ProblemAsync()).ShouldSatisfyAllConditions(problem => problem.Status.ShouldBe(409), problem => problem.Detail.ShouldContain("save them again"));
        await SaveAsync(ada, Rules, Topic);
    }

    private static UpstreamModel Cloud(string embeddings) => new("cloud-chat", "a")
    {
        Traffic = new TrafficPolicy { Fallbacks = embeddings == "near" ? ["d3"] : null },
        Cache = new CachePolicy { Responses = true, Semantic = new SemanticCachePolicy { Embeddings = embeddings, Threshold = 0.9 } },
    };

    /// <summary>One named <c>near</c>, of an embedding model.</summary>
    private static async Task DeployNearAsync(LibraryUnderTest library, HttpClient ada)
    {
        await library.PlaceAsync("n.gguf", TinyGguf.Embedding().ToBytes());
        var source = (await ada.GetAsync<Page<SourceResponse>>("/api/library/projects/bank/sources")).Items[0];
        await ada.PostAsync(new Uri($"/api/library/projects/bank/sources/{source.Id}/sync", UriKind.Relative), null, Token);
        var models = await ada.UntilAsync<Page<ModelResponse>>(
            "/api/library/projects/bank/models", page => page.Items is [_, { Name: "n", Versions: [{ State: ModelVersionStates.PendingApproval }] }]);
        var version = models.Items[1].Versions[0].Id;
        await DeploymentTests.ApproveAsync(ada, version);
        await ada.PostAsync<DeploymentRequest, DeploymentResponse>(DeploymentTests.Path, DeploymentTests.Request(version) with { Name = "near" });
    }

    /// <summary>Deployments of one approved version.</summary>
    /// <returns>The request for one named <c>d</c>.</returns>
    private static async Task<DeploymentRequest> DeployAsync(LibraryUnderTest library, HttpClient ada, params string[] names)
    {
        var version = await ApprovalTests.PendingAsync(library, ada, "single");
        await DeploymentTests.ApproveAsync(ada, version.Id);
        foreach (var name in names)
        {
            await ada.PostAsync<DeploymentRequest, DeploymentResponse>(DeploymentTests.Path, DeploymentTests.Request(version.Id) with { Name = name });
        }

        return DeploymentTests.Request(version.Id);
    }

    /// <summary>The upstream, made or changed, has these models.</summary>
    private static async Task<HttpResponseMessage> PutAsync(HttpClient client, params UpstreamModel[] models)
    {
        var request = new UpstreamRequest("cloud", "openai", "https://api.example.com/v1", models);
        var changed = await client.PutAsJsonAsync(Upstream, request, Token);
        return changed.StatusCode == HttpStatusCode.NotFound ? await client.PostAsJsonAsync(Upstream[..^"/cloud".Length], request, Token) : changed;
    }

    private static async Task SaveAsync(HttpClient client, string path, params GuardrailRule[] rules) =>
        (await client.PutAsJsonAsync(path, new GuardrailPolicyRequest(null, rules), Token)).EnsureSuccessStatusCode();

    private static async Task<(int Status, string Detail)> DeleteAsync(HttpClient client, string name)
    {
        var response = await client.DeleteAsync(new Uri($"{DeploymentTests.Path}/{name}", UriKind.Relative), Token);
        return response.IsSuccessStatusCode ? ((int)response.StatusCode, "") : await response.ProblemAsync();
    }
}
