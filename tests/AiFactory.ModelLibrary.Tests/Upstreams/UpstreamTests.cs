using System.Net;
using System.Net.Http.Json;
using AiFactory.Contracts.Library;
using AiFactory.Contracts.Routing;
using AiFactory.ModelLibrary.Tests.Approvals;
using AiFactory.ModelLibrary.Tests.Deployments;
using AiFactory.ModelLibrary.Tests.Edges;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Secrets;
using AiFactory.ServiceDefaults.Upstreams;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace AiFactory.ModelLibrary.Tests.Upstreams;

public class UpstreamTests(PostgresFixture postgres)
{
    private const string Path = "/api/library/projects/bank/upstreams";
    private const string Secret = "sk-tests-0123456789-abcdefghij-ab12";

    private static readonly UpstreamModel Chat = new("cloud-chat", "their-chat");

    [Fact]
    public async Task A_credential_is_sealed_wherever_it_lies_and_told_by_its_end_alone_and_outlives_a_restart_and_not_its_key()
    {
        await using var library = await StartAsync();
        using var ada = library.Client("user:ada", null, Roles.Admin);
        await ProjectAsync(ada);

        var answer = await ada.PostAsync(Path, Request("cloud", Chat) with { Credential = Secret, Headers = new Dictionary<string, string> { ["OpenAI-Project"] = "p1" } });
        var text = await answer.Content.ReadAsStringAsync(Token);
        var created = await answer.ReadAsync<UpstreamResponse>();
        (created.Revision, created.Credential?.EndsWith, created.Credential?.SetBy, created.Message).ShouldBe((1, "ab12", "user:ada", null));
        var route = (await library.SnapshotAsync(snapshot => snapshot.Deployments.Count == 1)).Deployments[0];
        (route.Name, route.Project, route.External, route.Task, route.Model, route.ModelVersion).ShouldBe(("cloud-chat", "bank", true, "chat", "their-chat", 1));
        route.Replicas.ShouldBe([new ReplicaRoute("upstream/cloud", "https://api.example.com/v1")]);
        var upstream = route.Upstream.ShouldNotBeNull();
        (upstream.Name, upstream.Kind, upstream.Model, upstream.Local, upstream.Headers?["OpenAI-Project"]).ShouldBe(("cloud", "openai", "their-chat", false, "p1"));

        // 1. Its bytes are nowhere: not in the answers, not in any table, not in the snapshot.
        text.ShouldNotContain("0123456789");
        (await ada.GetStringAsync(new Uri($"{Path}/cloud", UriKind.Relative), Token)).ShouldNotContain("0123456789");
        (await EverythingAsync(library)).ShouldContain("their-chat");
        (await EverythingAsync(library)).ShouldNotContain("0123456789");
        upstream.Credential.ShouldNotBeNull().ShouldStartWith("v1.");

        // 2. The same after a restart; and it opens for the gateway, for this upstream at this address.
        await library.RestartAsync();
        var seal = library.Services.GetRequiredService<CredentialSeal>();
        var again = (await library.SnapshotAsync(snapshot => snapshot.Deployments.Count == 1)).Deployments[0];
        seal.TryOpen(again.Upstream?.Credential ?? "", UpstreamPurpose.Of(created.Id, new Uri("https://api.example.com/v1")), out var opened, out _).ShouldBeTrue();
        opened.ShouldBe(Secret);
        seal.TryOpen(again.Upstream?.Credential ?? "", UpstreamPurpose.Of(created.Id, new Uri("https://other.example.com/v1")), out _, out _).ShouldBeFalse();

        // 3. With another key it is said why nothing is asked.
        await library.RestartAsync(("Secrets:Key", new string('k', 40)));
        using var bob = library.Client("user:bob", null, Roles.Admin);
        var test = await bob.PostAsync<object?, UpstreamTest>($"{Path}/cloud/test", null);
        test.Code.ShouldBe("credential_unreadable");
        test.Message.ShouldContain("it was sealed with another key: Secrets:Key");

        // 4. The audit says who did what, and knows no credential.
        var audit = await bob.GetAsync<Page<AuditEntryResponse>>("/api/library/projects/bank/audit");
        var entry = audit.Items.Single(one => one.Action == "upstream.created");
        (entry.Actor, entry.Target).ShouldBe(("user:ada", "upstream/cloud"));
        entry.Detail.ShouldNotBeNull().GetRawText().ShouldContain("\"credentialEndsWith\":\"ab12\"");
        entry.Detail.ShouldNotBeNull().GetRawText().ShouldNotContain("v1.");
    }

    [Fact]
    public async Task After_a_change_of_the_key_credentials_are_sealed_anew_and_the_former_key_may_be_forgotten()
    {
        const string Identity = "an-identity-key-for-tests-of-32-bytes-or-more";
        await using var library = await StartAsync();
        using (var ada = library.Client("user:ada", null, Roles.Admin))
        {
            await ProjectAsync(ada);
            await ada.PostAsync<UpstreamRequest, UpstreamResponse>(Path, Request("cloud", Chat) with { Credential = Secret });
        }

        var before = (await library.SnapshotAsync(snapshot => snapshot.Deployments.Count == 1)).Deployments[0].Upstream?.Credential;
        await library.RestartAsync(("Secrets:Key", new string('k', 40)), ("Secrets:OtherKeys:0", Identity), ("Secrets:ResealAfter", "00:00:00"));
        var route = (await library.SnapshotAsync(snapshot => snapshot.Deployments is [{ Upstream.Credential: { } kept }] && kept != before)).Deployments[0].Upstream.ShouldNotBeNull();

        await library.RestartAsync(("Secrets:OtherKeys:0", null));
        var upstream = route.Credential.ShouldNotBeNull();
        library.Services.GetRequiredService<CredentialSeal>().TryOpen(upstream, UpstreamPurpose.Of(route.Id, new Uri("https://api.example.com/v1")), out var opened, out _).ShouldBeTrue();
        opened.ShouldBe(Secret);
        using var bob = library.Client("user:bob", null, Roles.Admin);
        var shown = await bob.GetAsync<UpstreamResponse>($"{Path}/cloud");
        (shown.Revision, shown.Credential?.EndsWith, shown.Credential?.SetBy).ShouldBe((1, "ab12", "user:ada"), "nobody has changed it");
    }

    [Fact]
    public async Task A_kept_credential_goes_to_no_other_address_and_is_taken_away_by_an_empty_one()
    {
        await using var library = await StartAsync();
        using var ada = library.Admin();
        await ProjectAsync(ada);
        await ada.PostAsync<UpstreamRequest, UpstreamResponse>(Path, Request("cloud", Chat) with { Credential = Secret });

        var moved = Request("cloud", Chat) with { BaseUrl = "https://llm.internal:8443/v1" };
        (await (await PutAsync(ada, moved)).ProblemAsync()).ShouldSatisfyAllConditions(
            problem => problem.Status.ShouldBe(400), problem => problem.Detail.ShouldContain("was given for openai at https://api.example.com:443"));
        (await (await PutAsync(ada, Request("cloud", Chat) with { Kind = "azure-openai" })).ProblemAsync()).Status.ShouldBe(400);

        var kept = await (await PutAsync(ada, Request("cloud", Chat) with { BaseUrl = "https://api.example.com/v2", Enabled = false })).ReadAsync<UpstreamResponse>();
        (kept.Revision, kept.Credential?.EndsWith, kept.Message).ShouldBe((2, "ab12", "It is switched off."));
        await library.SnapshotAsync(snapshot => snapshot.Deployments.Count == 0);
        (await (await PutAsync(ada, moved with { Revision = 1, Credential = "" })).ProblemAsync()).ShouldSatisfyAllConditions(
            problem => problem.Status.ShouldBe(409), problem => problem.Detail.ShouldContain("newest revision is 2"));
        (await (await PutAsync(ada, moved with { Revision = 2, Credential = "" })).ReadAsync<UpstreamResponse>()).Credential.ShouldBeNull();
        await library.SnapshotAsync(snapshot => snapshot.Deployments is [{ ModelVersion: 3, Upstream.Credential: null, Replicas: [{ BaseUrl: "https://llm.internal:8443/v1" }] }]);

        // Nor is its end shown where that is a good part of it.
        (await (await PutAsync(ada, moved with { Credential = "short-one" })).ReadAsync<UpstreamResponse>()).Credential.ShouldNotBeNull().EndsWith.ShouldBeNull();

        // A host that the settings name no more is called no more.
        await library.RestartAsync(("Upstreams:AllowedHosts:1", "other.internal"));
        using var bob = library.Admin();
        (await bob.GetAsync<UpstreamResponse>($"{Path}/cloud")).Message.ShouldNotBeNull().ShouldContain("unless the setting Upstreams:AllowedHosts names it");
        await library.SnapshotAsync(snapshot => snapshot.Deployments.Count == 0);
        (await bob.DeleteAsync(new Uri($"{Path}/cloud", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await bob.GetAsync(new Uri($"{Path}/cloud", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    /// <summary>Review A18: whatever the header is called, its value would be shown to every viewer, and stay in the audit.</summary>
    [Fact]
    public async Task A_header_that_could_carry_a_secret_is_refused_by_its_name_and_one_that_was_kept_is_not_shown()
    {
        await using var library = await StartAsync();
        using var ada = library.Admin();
        await ProjectAsync(ada);
        foreach (var name in (string[])["apikey", "x-portkey-api-key", "cf-aig-authorization", "X-Auth-Token", "authorization", "Content-Type"])
        {
            var refused = await (await ada.PostAsync(Path, WithHeader(name, Secret))).Content.ReadAsStringAsync(Token);
            refused.ShouldContain($"The value of '{name}' would be shown to all who read upstreams");
            refused.ShouldNotContain("0123456789");
        }

        await library.RestartAsync(("Upstreams:AllowedHeaders:0", "x-tenant"));
        using var vouched = library.Admin();
        (await (await vouched.PostAsync(Path, WithHeader("X-Tenant", "a-tenant"))).ReadAsync<UpstreamResponse>()).Headers["X-Tenant"].ShouldBe("a-tenant");

        // It was kept, and the settings vouch for it no more: it is sent, and shown to nobody.
        await library.RestartAsync(("Upstreams:AllowedHeaders:0", "x-other"));
        using var bob = library.Client("user:bob", null, Roles.Admin);
        (await bob.GetAsync<UpstreamResponse>($"{Path}/cloud")).Headers.ShouldHaveSingleItem().ShouldBe(KeyValuePair.Create("X-Tenant", "***"));
        (await library.SnapshotAsync(snapshot => snapshot.Deployments.Count == 1)).Deployments[0].Upstream?.Headers?["X-Tenant"].ShouldBe("a-tenant");
        (await PutAsync(bob, Request("cloud", Chat))).EnsureSuccessStatusCode();
        var audit = await bob.GetAsync<Page<AuditEntryResponse>>("/api/library/projects/bank/audit");
        audit.Items.Single(one => one.Action == "upstream.updated").Detail.ShouldNotBeNull().GetRawText().ShouldSatisfyAllConditions(
            text => text.ShouldContain("***"), text => text.ShouldNotContain("a-tenant"));
    }

    [Fact]
    public async Task Deployments_and_upstreams_models_have_no_name_twice_and_stand_in_for_each_other()
    {
        await using var library = await StartAsync();
        using var ada = library.Admin();
        var version = await ApprovalTests.PendingAsync(library, ada, "single");
        await DeploymentTests.ApproveAsync(ada, version.Id);
        await ada.PostAsync<DeploymentRequest, DeploymentResponse>(DeploymentTests.Path, DeploymentTests.Request(version.Id));
        await ada.PostAsync<UpstreamRequest, UpstreamResponse>(Path, Request("cloud", Chat));

        (await (await ada.PostAsync(Path, Request("second", new UpstreamModel("d", "x")))).ProblemAsync()).Detail.ShouldContain("'d' is the name of a deployment");
        (await (await ada.PostAsync(Path, Request("second", Chat))).ProblemAsync()).Detail.ShouldContain("'cloud-chat' is the name of a model of the upstream 'cloud'");
        (await (await ada.PostAsync(DeploymentTests.Path, DeploymentTests.Request(version.Id) with { Name = "cloud-chat" })).ProblemAsync()).ShouldSatisfyAllConditions(
            problem => problem.Status.ShouldBe(409), problem => problem.Detail.ShouldContain("a model of the upstream 'cloud'"));
        (await (await ada.PostAsync(Path, Request("cloud", new UpstreamModel("other", "x")))).ProblemAsync()).Detail.ShouldContain("There is an upstream 'cloud' already");

        // The local model falls back to the cloud, and the cloud to the local model; a task that differs stands in for nothing.
        (await ada.PutAsJsonAsync($"{DeploymentTests.Path}/d", DeploymentTests.Request(version.Id) with { Traffic = new TrafficPolicy { Fallbacks = ["cloud-chat"] } }, Token)).EnsureSuccessStatusCode();
        (await PutAsync(ada, Request("cloud", Chat with { Traffic = new TrafficPolicy { Fallbacks = ["d"] }, Cache = new CachePolicy { Responses = true, Ttl = TimeSpan.FromMinutes(5) } }, new UpstreamModel("cloud-embed", "their-embed") { Task = "embedding" }))).EnsureSuccessStatusCode();
        var snapshot = await library.SnapshotAsync(snapshot => snapshot.Deployments.Count == 3 && snapshot.Deployments.Count(route => route.Traffic is not null) == 2);
        snapshot.Deployments.Single(route => route.Name == "cloud-chat").Traffic?.Fallbacks.ShouldBe(["d"]);
        snapshot.Deployments.Single(route => route.Name == "cloud-chat").Cache.ShouldBe(new CachePolicy { Responses = true, Ttl = TimeSpan.FromMinutes(5) });
        var first = snapshot.Deployments.Single(route => route.Name == "cloud-chat").Id;
        (await (await ada.PutAsJsonAsync($"{DeploymentTests.Path}/d", DeploymentTests.Request(version.Id) with { Traffic = new TrafficPolicy { Fallbacks = ["cloud-embed"] } }, Token)).ProblemAsync())
            .Detail.ShouldContain("no deployment 'cloud-embed' with the task of this one, and no upstream's model");
        (await (await PutAsync(ada, Request("cloud", Chat with { Traffic = new TrafficPolicy { Fallbacks = ["nobody"] } }))).ProblemAsync()).Detail.ShouldContain("'nobody' with the task of this one");

        // A model that keeps its name keeps what is known of its traffic; one that is left out is gone.
        (await PutAsync(ada, Request("cloud", Chat with { Model = "their-newer-chat" }))).EnsureSuccessStatusCode();
        (await library.SnapshotAsync(snapshot => snapshot.Deployments.Count == 2)).Deployments.Single(route => route.Name == "cloud-chat")
            .ShouldSatisfyAllConditions(route => route.Id.ShouldBe(first), route => route.Model.ShouldBe("their-newer-chat"));
    }

    /// <summary>Whoever could change a deployment could send all its prompts out of the site.</summary>
    [Fact]
    public async Task Only_who_may_change_upstreams_gives_them_a_deployment_s_requests_and_nobody_copies()
    {
        await using var library = await StartAsync();
        using var ada = library.Admin();
        var version = await ApprovalTests.PendingAsync(library, ada, "single");
        await DeploymentTests.ApproveAsync(ada, version.Id);
        await ada.PostAsync<DeploymentRequest, DeploymentResponse>(DeploymentTests.Path, DeploymentTests.Request(version.Id) with { Name = "local" });
        await ada.PostAsync<UpstreamRequest, UpstreamResponse>(Path, Request("cloud", Chat));
        using var operates = library.Client("user:op", "bank", Roles.Operator);
        var plain = DeploymentTests.Request(version.Id);
        var cloudTenth = new TrafficPolicy { Splits = [new TrafficSplit("cloud-chat", 10), new TrafficSplit("local", 10)], Fallbacks = ["local"] };

        // 1. By no way that answers.
        (await (await operates.PostAsync(DeploymentTests.Path, plain with { Traffic = cloudTenth })).ProblemAsync()).ShouldSatisfyAllConditions(
            problem => problem.Status.ShouldBe(403), problem => problem.Detail.ShouldContain("'cloud-chat' is a model of an upstream"), problem => problem.Detail.ShouldContain("upstreams.write"));
        (await operates.PostAsync(DeploymentTests.Path, plain with { Traffic = new TrafficPolicy { Fallbacks = ["cloud-chat"] } })).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await operates.PostAsync(DeploymentTests.Path, plain with { Traffic = new TrafficPolicy { Fallbacks = ["local"] } })).StatusCode.ShouldBe(HttpStatusCode.Created);

        // 2. What an admin set stays when others change the rest, and may get less; not more.
        (await ada.PutAsJsonAsync($"{DeploymentTests.Path}/d", plain with { Traffic = cloudTenth }, Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await operates.PutAsJsonAsync($"{DeploymentTests.Path}/d", plain with { Traffic = cloudTenth, Replicas = 2 }, Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await operates.PutAsJsonAsync($"{DeploymentTests.Path}/d", plain with { Traffic = cloudTenth with { Splits = [new TrafficSplit("cloud-chat", 11)] } }, Token)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await operates.PutAsJsonAsync($"{DeploymentTests.Path}/d", plain with { Traffic = cloudTenth with { Fallbacks = ["cloud-chat"] } }, Token)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await operates.PutAsJsonAsync($"{DeploymentTests.Path}/d", plain with { Traffic = cloudTenth with { Strategy = TrafficStrategies.Latency } }, Token)).StatusCode.ShouldBe(HttpStatusCode.Forbidden, "were it the soonest, it would answer nearly all");
        (await operates.PutAsJsonAsync($"{DeploymentTests.Path}/d", plain with { Traffic = cloudTenth with { Splits = [new TrafficSplit("cloud-chat", 5)] } }, Token)).StatusCode.ShouldBe(HttpStatusCode.OK);

        // 3. Nor is what the soonest may get a word for a larger share.
        var soonest = new TrafficPolicy { Splits = [new TrafficSplit("cloud-chat", 1)], Strategy = TrafficStrategies.Latency };
        (await ada.PutAsJsonAsync($"{DeploymentTests.Path}/d", plain with { Traffic = soonest }, Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await operates.PutAsJsonAsync($"{DeploymentTests.Path}/d", plain with { Traffic = soonest, Replicas = 2 }, Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await operates.PutAsJsonAsync($"{DeploymentTests.Path}/d", plain with { Traffic = new TrafficPolicy { Splits = [new TrafficSplit("cloud-chat", 100)] } }, Token)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await operates.PutAsJsonAsync($"{DeploymentTests.Path}/d", plain with { Traffic = soonest with { Splits = [new TrafficSplit("cloud-chat", 99)] } }, Token)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        // 4. Copies are in no budget: they are nobody's to send there.
        (await (await ada.PutAsJsonAsync($"{DeploymentTests.Path}/d", plain with { Traffic = new TrafficPolicy { Shadow = new TrafficSplit("cloud-chat", 1) } }, Token)).ProblemAsync()).ShouldSatisfyAllConditions(
            problem => problem.Status.ShouldBe(400), problem => problem.Detail.ShouldContain("copies go to deployments alone"));
        (await (await PutAsync(ada, Request("cloud", Chat with { Traffic = new TrafficPolicy { Shadow = new TrafficSplit("second", 1) } }, new UpstreamModel("second", "x")))).ProblemAsync()).Detail.ShouldContain("copies go to deployments alone");
        (await PutAsync(ada, Request("cloud", Chat with { Traffic = new TrafficPolicy { Shadow = new TrafficSplit("local", 1) } }))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Only_an_admin_may_let_the_site_call_out_and_what_is_wrong_is_named_field_by_field()
    {
        await using var library = await StartAsync();
        using var ada = library.Admin();
        await ProjectAsync(ada);
        using var operates = library.Client("user:op", "bank", Roles.Operator);
        using var admin = library.Client("user:bank-admin", "bank", Roles.Admin);

        (await operates.PostAsync(Path, Request("cloud", Chat))).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await operates.PostAsync($"{Path}/cloud/test", (object?)null)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await admin.PostAsync(Path, Request("cloud", Chat))).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await operates.GetAsync<Page<UpstreamResponse>>(Path)).Items.ShouldHaveSingleItem().Models.ShouldHaveSingleItem().Visibility.ShouldBe("project");
        (await (await admin.PostAsync(Path, Request("wide", new UpstreamModel("wide-chat", "x") { Visibility = "factory" }))).ProblemAsync()).ShouldSatisfyAllConditions(
            problem => problem.Status.ShouldBe(403), problem => problem.Detail.ShouldContain("Only a caller of the whole factory"));
        (await ada.PostAsync(Path, Request("wide", new UpstreamModel("wide-chat", "x") { Visibility = "factory" }))).StatusCode.ShouldBe(HttpStatusCode.Created);

        var wrong = new UpstreamRequest("no good", "telnet", "https://user:word@api.example.com/v1", [new("a b", ""), new("twice", "x"), new("twice", "x") { Task = "paint", ContextLength = 0, Visibility = "all", Cache = new CachePolicy { Embeddings = true, Ttl = TimeSpan.Zero } }])
        {
            Headers = new Dictionary<string, string> { ["Authorization"] = "Bearer x", ["X-Line"] = "a\nb" },
            Credential = $"{Secret}\n",
            ApiVersion = "2024-10-21",
        };
        var text = await (await ada.PostAsync(Path, wrong)).Content.ReadAsStringAsync(Token);
        foreach (var field in (string[])
            ["name", "kind", "baseUrl", "headers", "credential", "apiVersion", "models[0].name", "models[0].model", "models[1].name", "models[2].task", "models[2].contextLength", "models[2].visibility", "models[2].cache.ttl", "models[2].cache.embeddings"])
        {
            text.ShouldContain($"\"{field}\"");
        }

        text.ShouldNotContain("0123456789");
        text.ShouldNotContain("word");
        (await ada.PostAsync(Path, new { name = "x" })).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        foreach (var closed in (string[])["http://api.example.com/v1", "https://169.254.169.254/v1", "https://evil.example/v1", "http://2130706433/v1", "ftp://api.example.com", "https://api.example.com/v1?key=1"])
        {
            (await ada.PostAsync(Path, Request("closed", new UpstreamModel("closed", "x")) with { BaseUrl = closed })).StatusCode.ShouldBe(HttpStatusCode.BadRequest, closed);
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static UpstreamRequest Request(string name, params UpstreamModel[] models) => new(name, "openai", "https://api.example.com/v1", models);

    private static UpstreamRequest WithHeader(string name, string value) => Request("cloud", Chat) with { Headers = new Dictionary<string, string> { [name] = value } };

    private static Task<HttpResponseMessage> PutAsync(HttpClient client, UpstreamRequest request) => client.PutAsJsonAsync($"{Path}/{request.Name}", request, Token);

    private static Task<ProjectResponse> ProjectAsync(HttpClient client) => client.PostAsync<ProjectRequest, ProjectResponse>("/api/library/projects", new ProjectRequest("bank", null, null));

    private Task<LibraryUnderTest> StartAsync() => LibraryUnderTest.StartAsync(postgres, new()
    {
        ["Upstreams:AllowedHosts:0"] = "api.example.com",
        ["Upstreams:AllowedHosts:1"] = "llm.internal:8443",
    });

    /// <summary>Every row of every table as text.</summary>
    private static async Task<string> EverythingAsync(LibraryUnderTest library)
    {
        await using var command = library.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("select database_to_xml(true, false, '')::text");
        return (string?)await command.ExecuteScalarAsync(Token) ?? "";
    }
}
