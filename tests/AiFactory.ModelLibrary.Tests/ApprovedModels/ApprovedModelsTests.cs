using System.Text.Json.Nodes;
using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.ApprovedModels;
using AiFactory.ModelLibrary.Tests.Approvals;
using AiFactory.ModelLibrary.Tests.Deployments;
using AiFactory.ModelLibrary.Tests.Edges;
using AiFactory.ModelLibrary.Tests.Edges.Kubernetes;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing.Kubernetes;
using AiFactory.Testing.Postgres;

namespace AiFactory.ModelLibrary.Tests.ApprovedModels;

/// <summary>What is approved stands in the project's namespace, and what is revoked says so.</summary>
public sealed class ApprovedModelsTests(PostgresFixture postgres)
{
    private const string Reason = "its licence has ended";

    [Fact]
    public async Task What_is_approved_is_one_object_of_its_kind_in_the_projects_namespace()
    {
        await using var cluster = await ClusterAsync();
        await using var library = await LibraryUnderTest.StartAsync(postgres, cluster.Settings);
        using var ada = library.Admin();
        var version = await ApprovalTests.PendingAsync(library, ada, "single");
        await cluster.UntilAsync(_ => cluster.Reads >= 2);
        cluster.Objects.ShouldBeEmpty("it waits for an approval");

        await ada.PostAsync<ApprovalRequest, ModelVersionResponse>($"/api/library/projects/bank/versions/{version.Id}/approvals", new ApprovalRequest("approve", "read the card"));

        var model = (await cluster.UntilAsync(objects => objects is [var one] && one.Text("status.state") == "Approved")).ShouldHaveSingleItem();
        cluster.Faults(model).ShouldBeEmpty();
        model.Name().ShouldBe(ApprovedModelName.Of("m", "latest", 1));
        model.At("metadata.labels").Map().ShouldBe(
            new Dictionary<string, string> { ["aifactory.dev/project"] = "bank", ["app.kubernetes.io/managed-by"] = "aifactory-library", ["app.kubernetes.io/part-of"] = "aifactory" }, ignoreOrder: true);
        var metadata = version.Metadata.ShouldNotBeNull();
        model.At("spec").Map().ShouldBe(
            new Dictionary<string, string>
            {
                ["project"] = "bank", ["model"] = "m", ["version"] = "1", ["tag"] = "latest", ["digest"] = version.Digest ?? "", ["sizeBytes"] = $"{version.SizeBytes}",
                ["task"] = "chat", ["format"] = "gguf", ["architecture"] = metadata.Architecture, ["quantization"] = metadata.Quantization ?? "",
                ["parameters"] = $"{metadata.Parameters}", ["contextLength"] = $"{metadata.ContextLength}", ["license"] = metadata.License ?? "", ["parts"] = "[]",
            },
            ignoreOrder: true);
        Condition(model).ShouldBe(("True", "Approved", "Approved by user:admin: read the card"));
        model.Text("status.observedGeneration").ShouldBe(model.Text("metadata.generation"));
        cluster.OwnersOf(model.Name(), ".spec.digest").ShouldBe(["aifactory-library spec"]);
        cluster.OwnersOf(model.Name(), ".status.state").ShouldBe(["aifactory-library status"]);
    }

    [Fact]
    public async Task What_is_revoked_says_so_and_why_until_another_person_approves_it_again()
    {
        await using var cluster = await ClusterAsync();
        await using var library = await LibraryUnderTest.StartAsync(postgres, cluster.Settings);
        using var ada = library.Admin();
        using var eve = library.Client("user:eve", "bank", Roles.Approver);
        var version = await ApprovalTests.PendingAsync(library, ada, "single");
        await DeploymentTests.ApproveAsync(ada, version.Id);
        var approved = (await cluster.UntilAsync(objects => objects is [var one] && one.Text("status.state") == "Approved"))[0];

        var revoked = await eve.PostAsync<RevocationRequest, ModelVersionResponse>($"/api/library/projects/bank/versions/{version.Id}/revocation", new RevocationRequest(Reason));

        var says = (await cluster.UntilAsync(objects => objects is [var one] && one.Text("status.state") == "Revoked"))[0];
        cluster.Faults(says).ShouldBeEmpty();
        Condition(says).ShouldBe(("False", "Revoked", $"Revoked by user:eve: {Reason}"));
        DateTimeOffset.Parse(says.At("status.conditions").Items().Single().Text("lastTransitionTime"), null).ShouldBe(revoked.RevokedAt!.Value, TimeSpan.FromSeconds(1)); // it is revoked
        (says.Text("metadata.uid"), says.Text("metadata.generation"), says.Text("status.observedGeneration")).ShouldBe((approved.Text("metadata.uid"), "1", "1"));
        JsonNode.DeepEquals(says["spec"], approved["spec"]).ShouldBeTrue();

        await DeploymentTests.ApproveAsync(ada, version.Id);
        await cluster.UntilAsync(objects => objects is [var one] && Condition(one) is ("True", "Approved", _));
    }

    [Fact]
    public async Task Nothing_is_written_when_nothing_has_changed_whoever_starts_again()
    {
        await using var cluster = await ClusterAsync();
        await using var library = await LibraryUnderTest.StartAsync(postgres, cluster.Settings);
        using var ada = library.Admin();
        await ThreeAsync(library, ada, cluster);
        var writes = cluster.Writes;
        writes.ShouldBe(6, "a spec and a status each");

        await library.RestartAsync();
        var reads = cluster.Reads;
        await cluster.UntilAsync(_ => cluster.Reads > reads + 8);
        cluster.Writes.ShouldBe(writes);
    }

    [Fact]
    public async Task What_another_writes_over_it_is_repaired()
    {
        await using var cluster = await ClusterAsync();
        await using var library = await LibraryUnderTest.StartAsync(postgres, cluster.Settings);
        using var ada = library.Admin();
        var version = await ApprovalTests.PendingAsync(library, ada, "single");
        await DeploymentTests.ApproveAsync(ada, version.Id);
        await ada.PostAsync<RevocationRequest, ModelVersionResponse>($"/api/library/projects/bank/versions/{version.Id}/revocation", new RevocationRequest(Reason));
        var name = ApprovedModelName.Of("m", "latest", 1);
        await Revoked();

        // Who would have it approved, by its status.
        cluster.Edit(name, each => each["status"] = JsonNode.Parse("""{ "state": "Approved", "observedGeneration": 1, "conditions": [{ "type": "Approved", "status": "True", "reason": "Approved", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z" }] }"""));
        await Revoked();

        // Other bytes under its name: the spec is the former one again, two generations later, and the status is said of it.
        cluster.Edit(name, each => each["spec"]!["digest"] = $"sha256:{new string('0', 64)}"); // each object has a spec
        var repaired = await cluster.UntilAsync(objects => objects is [var one] && one.Text("spec.digest") == version.Digest && one.Text("status.observedGeneration") == "3");
        repaired[0].Text("metadata.generation").ShouldBe("3");
        cluster.OwnersOf(name, ".spec.digest").ShouldBe(["aifactory-library spec"]);

        // What cannot even be read.
        cluster.Edit(name, each => each["spec"]!["contextLength"] = 99_999_999_999); // it has a spec
        await cluster.UntilAsync(objects => objects[0].Text("spec.contextLength") == repaired[0].Text("spec.contextLength"));

        cluster.Edit(name, each => each["metadata"]!["labels"]!.AsObject().Remove("aifactory.dev/project")); // and labels
        await cluster.UntilAsync(objects => objects[0].At("metadata.labels").Map().ContainsKey("aifactory.dev/project"));

        cluster.Remove(name);
        await Revoked();

        // An object that no version stands behind vouches for nothing.
        cluster.Edit("forged", each => each["spec"] = repaired[0]["spec"]!.DeepClone()); // it has one
        await Revoked();

        // A condition and an annotation of someone else's are none of ours.
        cluster.Edit(name, each =>
        {
            each["metadata"]!["annotations"] = new JsonObject { ["a"] = "b" };
            each["status"]!["conditions"]!.AsArray().Add(JsonNode.Parse("""{ "type": "Mirrored", "status": "True", "reason": "Done", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z" }"""));
        });
        var (reads, writes) = (cluster.Reads, cluster.Writes);
        await cluster.UntilAsync(_ => cluster.Reads > reads + 3);
        cluster.Writes.ShouldBe(writes);

        Task<IReadOnlyList<JsonObject>> Revoked() => cluster.UntilAsync(objects => objects is [var one] && one.Name() == name && Condition(one) is ("False", "Revoked", $"Revoked by user:admin: {Reason}"));
    }

    [Fact]
    public async Task Of_what_changed_while_the_server_was_away_the_revocation_is_said_first()
    {
        await using var cluster = await ClusterAsync();
        await using var library = await LibraryUnderTest.StartAsync(postgres, cluster.Settings);
        using var ada = library.Admin();
        var versions = await ThreeAsync(library, ada, cluster);
        await cluster.KillAsync();
        foreach (var model in new[] { "a", "b" })
        {
            cluster.Remove(ApprovedModelName.Of(model, "latest", 1));
        }

        await ada.PostAsync<RevocationRequest, ModelVersionResponse>($"/api/library/projects/bank/versions/{versions["c"].Id}/revocation", new RevocationRequest(Reason));
        await library.ReadinessAsync("degraded", "the API server does not answer");
        cluster.Calls.Clear();

        await cluster.StartAsync();

        await cluster.UntilAsync(objects => objects is { Count: 3 } && objects.Count(each => each.Text("status.state") == "Revoked") == 1 && objects.Count(each => each.Text("status.state") == "Approved") == 2);
        cluster.Calls.First(call => call.Method == "PATCH").Path.ShouldEndWith($"/{ApprovedModelName.Of("c", "latest", 1)}/status");
        await library.ReadinessAsync("healthy", "");
    }

    [Fact]
    public async Task Outside_a_cluster_nothing_is_asked_and_readiness_says_nothing_of_it()
    {
        await using var cluster = await ClusterAsync();
        var settings = cluster.Settings;
        settings.Remove("Kubernetes:Enabled");
        settings.Remove("Kubernetes:Server");
        await using var library = await LibraryUnderTest.StartAsync(postgres, settings);
        using var ada = library.Admin();
        var version = await ApprovalTests.PendingAsync(library, ada, "single");
        await DeploymentTests.ApproveAsync(ada, version.Id);
        using var anyone = library.Anonymous();
        (await anyone.GetStringAsync(new Uri("/readyz", UriKind.Relative), TestContext.Current.CancellationToken)).ShouldNotContain("kubernetes");
        cluster.Calls.ShouldBeEmpty();
    }

    /// <summary>Models a, b and c, approved and said; each of other bytes, for what is revoked are bytes.</summary>
    internal static async Task<Dictionary<string, ModelVersionResponse>> ThreeAsync(LibraryUnderTest library, HttpClient ada, ClusterEdge cluster)
    {
        await ada.PostAsync<ProjectRequest, ProjectResponse>("/api/library/projects", new ProjectRequest("bank", null, "single"));
        foreach (var (name, seed) in ((string, byte)[])[("a", 1), ("b", 2), ("c", 3)])
        {
            var file = TinyGguf.Chat();
            file.Seed = seed;
            await library.PlaceAsync($"{name}.gguf", file.ToBytes());
        }

        await ada.PostAsync<SourceRequest, SourceResponse>("/api/library/projects/bank/sources", new SourceRequest("s", "directory", library.Models, null, null, null));
        var models = await ada.UntilAsync<Page<ModelResponse>>(
            "/api/library/projects/bank/models", page => page.Items.Count == 3 && page.Items.All(model => model.Versions[0].State == ModelVersionStates.PendingApproval));
        foreach (var model in models.Items)
        {
            await DeploymentTests.ApproveAsync(ada, model.Versions[0].Id);
        }

        await cluster.UntilAsync(objects => objects.Count == 3 && objects.All(each => each.Text("status.state") == "Approved"));
        return models.Items.ToDictionary(model => model.Name, model => model.Versions[0]);
    }

    private static (string Status, string Reason, string Message) Condition(JsonObject model)
    {
        var condition = model.At("status.conditions").Items().FirstOrDefault(each => each.Text("type") == "Approved");
        return (condition.Text("status"), condition.Text("reason"), condition.Text("message"));
    }

    private static async Task<ClusterEdge> ClusterAsync()
    {
        var cluster = new ClusterEdge();
        await cluster.StartAsync();
        return cluster;
    }
}
