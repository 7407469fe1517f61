using System.Net;
using AiFactory.Contracts;
using AiFactory.Contracts.Library;
using AiFactory.Contracts.Workers;
using AiFactory.ModelLibrary.Seeding;
using AiFactory.ModelLibrary.Tests.Edges;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.ModelLibrary.Tests;

public class JourneyTests(PostgresFixture postgres)
{
    private const string Deployments = "/api/library/projects/default/deployments";
    private const string Sources = "/api/library/projects/default/sources";
    private const string AdminKey = "aif_0123456789abcdefghijABCDEFGHIJ0123456789abc";

    [Fact]
    public async Task A_first_start_seeds_approves_and_deploys_what_the_settings_name_and_a_worker_serves_it()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres, Seed());
        await library.PlaceAsync("demo-chat.gguf", TinyGguf.Chat().ToBytes());
        await library.PlaceAsync("other.gguf", TinyGguf.Embedding().ToBytes());
        using var admin = library.Admin();

        var deployment = await admin.UntilAsync<Page<DeploymentResponse>>("/api/library/projects/default/deployments", page => page.Items.Count == 1);
        deployment.Items[0].Phase.ShouldBe(DeploymentPhases.Pending);

        const string worker = "http://localhost:4711";
        await library.BeatAsync(worker);
        WorkerOrders orders;
        do
        {
            orders = await library.BeatAsync(worker);
        }
        while (orders.Assignments.Count == 0);
        var order = orders.Assignments.ShouldHaveSingleItem();
        order.Deployment.ShouldBe("demo-chat");
        order.Task.ShouldBe(ModelTasks.Chat);
        File.Exists(Path.Combine(library.Objects, order.ObjectKey)).ShouldBeTrue();

        await library.BeatAsync(worker, false, new WorkerModelStatus(order.DeploymentId, order.Digest, WorkerModelStates.Ready, null, null, 1000, 128));
        var snapshot = await library.SnapshotAsync(snapshot => snapshot.Deployments is [{ Replicas.Count: 1 }]);
        snapshot.Deployments[0].ContextLength.ShouldBe(128);
        snapshot.Keys.ShouldHaveSingleItem().FactoryWide.ShouldBeTrue();
        await admin.UntilAsync<DeploymentResponse>("/api/library/projects/default/deployments/demo-chat", answer => answer.Phase == DeploymentPhases.Ready);

        var models = await admin.UntilAsync<Page<ModelResponse>>(
            "/api/library/projects/default/models", page => page.Items.Count == 2 && page.Items[1].Versions[0].State == ModelVersionStates.PendingApproval);
        models.Items[0].Versions[0].Evidence.Select(evidence => evidence.Stage).ShouldBe(["discovered", "copied", "scanned", "policy", "approval", "deployed"]);
        models.Items[0].Versions[0].Evidence[4].Detail.ShouldStartWith("Approved by the seed policy");

        await library.RestartAsync();
        var after = await library.SnapshotAsync(_ => true);
        after.Version.ShouldBeGreaterThanOrEqualTo(snapshot.Version);
        after.Deployments[0].Replicas.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_seeded_deployment_and_source_that_a_person_deleted_are_not_made_again()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres, Seed());
        await library.PlaceAsync("demo-chat.gguf", TinyGguf.Chat().ToBytes());
        using (var admin = library.Admin())
        {
            await admin.UntilAsync<Page<DeploymentResponse>>(Deployments, page => page.Items.Count == 1);
            var source = (await admin.GetAsync<Page<SourceResponse>>(Sources)).Items.ShouldHaveSingleItem();
            (await admin.DeleteAsync(new Uri($"{Deployments}/demo-chat", UriKind.Relative), TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
            (await admin.DeleteAsync(new Uri($"{Sources}/{source.Id}", UriKind.Relative), TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        }

        await library.RestartAsync();
        (await library.Services.GetRequiredService<SeedService>().RunOnceAsync(TestContext.Current.CancellationToken)).ShouldBeEmpty();

        using var after = library.Admin();
        (await after.GetAsync<Page<DeploymentResponse>>(Deployments)).Items.ShouldBeEmpty();
        (await after.GetAsync<Page<SourceResponse>>(Sources)).Items.ShouldBeEmpty();
    }

    internal static Dictionary<string, string?> Seed() => new()
    {
        ["Seed:AdminKey"] = AdminKey,
        ["Seed:ModelsDirectory"] = "{models}",
        ["Seed:Deployments:0:Name"] = "demo-chat",
        ["Seed:Deployments:0:Model"] = "demo-chat",
        ["Sources:SyncInterval"] = "00:00:01",
    };
}
