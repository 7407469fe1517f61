using System.Net;
using System.Net.Http.Json;
using AiFactory.Contracts.Guardrails;
using AiFactory.Contracts.Library;
using AiFactory.Contracts.Routing;
using AiFactory.ModelLibrary.Tests.Approvals;
using AiFactory.ModelLibrary.Tests.Deployments;
using AiFactory.ModelLibrary.Tests.Edges;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing.Postgres;

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
        (await PutAsync(ada, new UpstreamModel("cloud-chat", "a") { Traffic = new TrafficPolicy { Fallbacks = ["d3"] }, Cache = new CachePolicy { Responses = true, Semantic = new SemanticCachePolicy { Embeddings = "d4", Threshold = 0.9 } } })).EnsureSuccessStatusCode();
        await SaveAsync(ada, Rules, Topic, Topic with { Name = "also", Enabled = false });

        (await DeleteAsync(ada, "d2")).ShouldBe((409, "It is needed: 'd2' answers requests of 'd' (traffic.splits; a rollout gives them to another). Change that first."));
        (await DeleteAsync(ada, "d3")).ShouldBe((409, "It is needed: 'cloud-chat' falls back to 'd3' (traffic.fallbacks); 'd' falls back to 'd3' (traffic.fallbacks). Change that first."));
        (await DeleteAsync(ada, "d4")).ShouldBe((409, "It is needed: 'd' sends copies to 'd4' (traffic.shadow); 'cloud-chat' finds near questions by 'd4' (cache.semantic.embeddings). Change that first."));
        (await DeleteAsync(ada, "guard")).ShouldBe((409, "It is needed: the rule 'also' of the project 'bank' has 'guard' judge; the rule 'weapons' of the project 'bank' has 'guard' judge. Change that first."));

        // Nothing of a refused one happens, and nothing stands in the way once it is named no more; what goes away itself needs nobody.
        (await library.SnapshotAsync(snapshot => snapshot.Guardrails is { Count: 1 })).Deployments.Count.ShouldBe(6);
        await SaveAsync(ada, Rules);
        (await DeleteAsync(ada, "guard")).Status.ShouldBe(204);
        (await DeleteAsync(ada, "d")).Status.ShouldBe(204);
        (await DeleteAsync(ada, "d2")).Status.ShouldBe(204);
        (await DeleteAsync(ada, "d3")).Detail.ShouldBe("It is needed: 'cloud-chat' falls back to 'd3' (traffic.fallbacks). Change that first.");
        (await ada.DeleteAsync(new Uri(Upstream, UriKind.Relative), Token)).EnsureSuccessStatusCode();
        (await DeleteAsync(ada, "d3")).Status.ShouldBe(204);
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
            (409, "It is needed: the rule 'all' of the whole factory has 'guard' judge; a rule of another project has 'guard' judge. Change that first."));
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
