using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Contracts.Library;
using AiFactory.Contracts.Routing;
using AiFactory.Contracts.Workers;
using AiFactory.ModelLibrary.Tests.Approvals;
using AiFactory.ModelLibrary.Tests.Edges;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing.Postgres;

namespace AiFactory.ModelLibrary.Tests.Deployments;

public class DeploymentTests(PostgresFixture postgres)
{
    internal const string Path = "/api/library/projects/bank/deployments";
    private const string One = "http://localhost:4001";
    private const string Two = "http://localhost:4002";

    [Fact]
    public async Task An_unapproved_version_is_refused_at_create_and_at_update()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Admin();
        var version = await ApprovalTests.PendingAsync(library, ada, "single");

        var created = await (await ada.PostAsync(Path, Request(version.Id))).ProblemAsync();
        created.ShouldSatisfyAllConditions(problem => problem.Status.ShouldBe(409), problem => problem.Detail.ShouldContain("pending-approval; only an approved version"));

        await ApproveAsync(ada, version.Id);
        await ada.PostAsync<DeploymentRequest, DeploymentResponse>(Path, Request(version.Id));
        var other = TinyGguf.Chat();
        other.Seed = 9;
        await library.PlaceAsync("n.gguf", other.ToBytes());
        var sources = await ada.GetAsync<Page<SourceResponse>>("/api/library/projects/bank/sources");
        await ada.PostAsync(new Uri($"/api/library/projects/bank/sources/{sources.Items[0].Id}/sync", UriKind.Relative), null, Token);
        var second = await ada.UntilAsync<Page<ModelResponse>>(
            "/api/library/projects/bank/models", page => page.Items is [_, { Versions: [{ State: ModelVersionStates.PendingApproval }] }]);

        var updated = await ada.PutAsJsonAsync($"{Path}/d", Request(second.Items[1].Versions[0].Id), Token);
        (await updated.ProblemAsync()).Status.ShouldBe(409);
        (await ada.GetAsync<DeploymentResponse>($"{Path}/d")).Model.ShouldBe("m");
    }

    [Fact]
    public async Task Replicas_follow_what_is_desired_and_what_is_lost_is_replaced()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres, new() { ["Workers:HeartbeatInterval"] = "00:00:01" });
        using var ada = library.Admin();
        var version = await ApprovalTests.PendingAsync(library, ada, "single");
        await ApproveAsync(ada, version.Id);
        await library.BeatAsync(One);
        await ada.PostAsync<DeploymentRequest, DeploymentResponse>(Path, Request(version.Id));

        var order = await ServeAsync(library, One);
        await library.SnapshotAsync(snapshot => snapshot.Deployments is [{ Replicas: [{ BaseUrl: One }] }]);

        // The process is gone: its machine says so, and the other worker stands in.
        library.Probe.Gone[One] = true;
        await ServeAsync(library, Two);
        await library.SnapshotAsync(snapshot => snapshot.Deployments is [{ Replicas: [{ BaseUrl: Two }] }]);
        var workers = await ada.GetAsync<Page<WorkerResponse>>("/api/library/workers");
        workers.Items.Single(worker => worker.Url == One).State.ShouldBe("lost");

        // A worker that drains gets no new request.
        await library.BeatAsync(Two, draining: true, Ready(order));
        await library.SnapshotAsync(snapshot => snapshot.Deployments is [{ Replicas.Count: 0 }]);

        // One that was lost and comes back has loaded its last orders by then, and is not told to unload what it is given again.
        library.Probe.Gone[One] = false;
        (await library.BeatAsync(One, models: Ready(order))).Assignments.ShouldHaveSingleItem().DeploymentId.ShouldBe(order.DeploymentId);

        // Stopped: nothing is to be served any more.
        (await ada.PutAsJsonAsync($"{Path}/d", Request(version.Id) with { Replicas = 0 }, Token)).EnsureSuccessStatusCode();
        await ada.UntilAsync<DeploymentResponse>($"{Path}/d", deployment => deployment.Phase == DeploymentPhases.Stopped);
        (await ada.DeleteAsync(new Uri($"{Path}/d", UriKind.Relative), Token)).EnsureSuccessStatusCode();
        await library.SnapshotAsync(snapshot => snapshot.Deployments.Count == 0);
    }

    [Fact]
    public async Task How_the_weights_are_packed_is_a_part_of_the_order_and_an_unknown_way_is_refused()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Admin();
        var version = await ApprovalTests.PendingAsync(library, ada, "single");
        await ApproveAsync(ada, version.Id);

        using var refused = await ada.PostAsync(Path, Request(version.Id) with { Quantization = "q3_x" });
        ((int)refused.StatusCode, await refused.Content.ReadAsStringAsync(Token)).ShouldSatisfyAllConditions(
            answer => answer.Item1.ShouldBe(400), answer => answer.Item2.ShouldContain("\"quantization\""), answer => answer.Item2.ShouldContain("q4_k_m"));

        (await ada.PostAsync<DeploymentRequest, DeploymentResponse>(Path, Request(version.Id) with { Quantization = "q4_k_m" })).Quantization.ShouldBe("q4_k_m");
        (await OrderAsync(library, One)).Quantization.ShouldBe("q4_k_m");

        (await ada.PutAsJsonAsync($"{Path}/d", Request(version.Id), Token)).EnsureSuccessStatusCode();
        (await ada.GetAsync<DeploymentResponse>($"{Path}/d")).Quantization.ShouldBeNull();
        (await OrderAsync(library, One)).Quantization.ShouldBeNull();
    }

    [Fact]
    public async Task The_former_version_is_routed_until_the_new_one_is_ready()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Admin();
        var first = await ApprovalTests.PendingAsync(library, ada, "single");
        await ApproveAsync(ada, first.Id);
        await ada.PostAsync<DeploymentRequest, DeploymentResponse>(Path, Request(first.Id));
        var former = await ServeAsync(library, One);
        await library.SnapshotAsync(snapshot => snapshot.Deployments is [{ Replicas.Count: 1 }]);
        var second = await SecondAsync(library, ada);

        (await ada.PutAsJsonAsync($"{Path}/d", Request(second.Id), Token)).EnsureSuccessStatusCode();
        var orders = await library.BeatAsync(One, false, Ready(former));

        // The worker loads the new version and serves the former one meanwhile.
        orders.Assignments.ShouldHaveSingleItem().Digest.ShouldNotBe(former.Digest);
        var changing = await ada.UntilAsync<DeploymentResponse>($"{Path}/d", deployment => deployment.Phase == DeploymentPhases.Progressing);
        changing.ReadyReplicas.ShouldBe(0);
        changing.Message.ShouldNotBeNull().ShouldContain("serves the former version");
        changing.Observed.ShouldHaveSingleItem().State.ShouldBe("serving-former");
        (await library.SnapshotAsync(snapshot => snapshot.Deployments[0].Digest == second.Digest)).Deployments[0].Replicas.Count.ShouldBe(1);

        await library.BeatAsync(One, false, Ready(orders.Assignments[0]));
        var changed = await ada.UntilAsync<DeploymentResponse>($"{Path}/d", deployment => deployment.Phase == DeploymentPhases.Ready);
        changed.Observed.ShouldHaveSingleItem().State.ShouldBe(WorkerModelStates.Ready);
        (await library.SnapshotAsync(_ => true)).Deployments[0].Replicas.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_former_version_that_is_revoked_does_not_stand_in()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Admin();
        var first = await ApprovalTests.PendingAsync(library, ada, "single");
        await ApproveAsync(ada, first.Id);
        await ada.PostAsync<DeploymentRequest, DeploymentResponse>(Path, Request(first.Id));
        var former = await ServeAsync(library, One);
        var second = await SecondAsync(library, ada);
        (await ada.PutAsJsonAsync($"{Path}/d", Request(second.Id), Token)).EnsureSuccessStatusCode();
        await library.BeatAsync(One, false, Ready(former));
        await library.SnapshotAsync(snapshot => snapshot.Deployments[0].Digest == second.Digest && snapshot.Deployments[0].Replicas.Count == 1);

        await ada.PostAsync<RevocationRequest, ModelVersionResponse>($"/api/library/projects/bank/versions/{first.Id}/revocation", new RevocationRequest("it leaks"));

        var route = (await library.SnapshotAsync(snapshot => snapshot.Deployments[0].Replicas.Count == 0)).Deployments[0];
        (route.Digest, route.Revoked).ShouldBe((second.Digest, null));
    }

    internal static async Task<ModelVersionResponse> SecondAsync(LibraryUnderTest library, HttpClient ada)
    {
        var other = TinyGguf.Chat();
        other.Seed = 9;
        await library.PlaceAsync("m.gguf", other.ToBytes());
        var sources = await ada.GetAsync<Page<SourceResponse>>("/api/library/projects/bank/sources");
        await ada.PostAsync(new Uri($"/api/library/projects/bank/sources/{sources.Items[0].Id}/sync", UriKind.Relative), null, Token);
        var model = await ada.UntilAsync<ModelResponse>(
            "/api/library/projects/bank/models/m", model => model.Versions is [{ State: ModelVersionStates.PendingApproval }, _]);
        await ApproveAsync(ada, model.Versions[0].Id);
        return model.Versions[0];
    }

    [Fact]
    public async Task A_worker_s_failure_and_its_progress_are_the_deployment_s_message()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Admin();
        var version = await ApprovalTests.PendingAsync(library, ada, "single");
        await ApproveAsync(ada, version.Id);
        await ada.PostAsync<DeploymentRequest, DeploymentResponse>(Path, Request(version.Id));
        await ada.UntilAsync<DeploymentResponse>($"{Path}/d", deployment => deployment is { Phase: DeploymentPhases.Pending, Message: "It waits for a worker." });
        var order = await OrderAsync(library, One);

        await library.BeatAsync(One, false, Ready(order) with { State = WorkerModelStates.Fetching, Progress = 0.4 });
        await ada.UntilAsync<DeploymentResponse>($"{Path}/d", deployment => deployment.Phase == DeploymentPhases.Progressing && deployment.Message!.Contains("40", StringComparison.Ordinal)); // progressing has a message
        await library.BeatAsync(One, false, Ready(order) with { State = WorkerModelStates.Failed, Message = "not enough memory" });
        await ada.UntilAsync<DeploymentResponse>($"{Path}/d", deployment => deployment.Phase == DeploymentPhases.Failed && deployment.Message!.Contains("not enough memory", StringComparison.Ordinal)); // failed has one too
    }

    [Fact]
    public async Task A_request_that_is_not_valid_names_each_field()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Admin();
        var version = await ApprovalTests.PendingAsync(library, ada, "single");
        await ApproveAsync(ada, version.Id);
        using var clerk = library.Client("user:op", "bank", Roles.Operator);

        var text = await (await ada.PostAsync(Path, new DeploymentRequest("-", Guid.Empty, "world", 65, 0, 0))).Content.ReadAsStringAsync(Token);
        foreach (var field in (string[])["name", "modelVersionId", "visibility", "replicas", "contextLength", "slots"])
        {
            text.ShouldContain($"\"{field}\"");
        }

        (await (await ada.PostAsync(Path, Request(version.Id) with { ContextLength = 129 })).ProblemAsync()).Detail.ShouldContain("a context of 128 tokens");
        (await (await clerk.PostAsync(Path, Request(version.Id) with { Visibility = "factory" })).ProblemAsync()).Status.ShouldBe(403);
    }

    [Fact]
    public async Task A_traffic_policy_reaches_the_snapshot_and_names_only_deployments_that_are_there()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Admin();
        var version = await ApprovalTests.PendingAsync(library, ada, "single");
        await ApproveAsync(ada, version.Id);
        var canary = new TrafficPolicy { Splits = [new TrafficSplit("d2", 10)], StickyBy = "header:x-tenant", Fallbacks = ["d2"], Shadow = new TrafficSplit("d2", 5) };

        (await (await ada.PostAsync(Path, Request(version.Id) with { Traffic = canary })).ProblemAsync()).Detail.ShouldContain("no deployment 'd2'");
        await ada.PostAsync<DeploymentRequest, DeploymentResponse>(Path, Request(version.Id) with { Name = "d2" });
        var created = await ada.PostAsync<DeploymentRequest, DeploymentResponse>(Path, Request(version.Id) with { Traffic = canary });
        created.Traffic.ShouldNotBeNull().Splits.ShouldBe([new TrafficSplit("d2", 10)]);
        await library.SnapshotAsync(snapshot => snapshot.Deployments.Any(route => route is { Name: "d", Traffic: { StickyBy: "header:x-tenant", Fallbacks: ["d2"], Shadow.Percent: 5, Strategy: null } }));

        await ada.PutAsJsonAsync($"{Path}/d", Request(version.Id) with { Traffic = canary with { Strategy = TrafficStrategies.Latency } }, Token);
        await library.SnapshotAsync(snapshot => snapshot.Deployments.Any(route => route is { Name: "d", Traffic: { StickyBy: "header:x-tenant", Strategy: TrafficStrategies.Latency } }));

        await ada.PutAsJsonAsync($"{Path}/d", Request(version.Id), Token);
        await library.SnapshotAsync(snapshot => snapshot.Deployments.All(route => route.Traffic is null));
    }

    [Fact]
    public async Task A_traffic_policy_that_is_not_valid_names_each_field()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Admin();
        var version = await ApprovalTests.PendingAsync(library, ada, "single");
        await ApproveAsync(ada, version.Id);
        var wrong = new TrafficPolicy { Splits = [new TrafficSplit("d", 60), new TrafficSplit("d2", 60)], StickyBy = "header:a b", Shadow = new TrafficSplit("d2", 0) };

        var text = await (await ada.PostAsync(Path, Request(version.Id) with { Traffic = wrong })).Content.ReadAsStringAsync(Token);

        foreach (var field in (string[])["traffic", "traffic.splits", "traffic.stickyBy", "traffic.shadow"])
        {
            text.ShouldContain($"\"{field}\"");
        }

        // One that is there twice would pass for several.
        var twice = new TrafficPolicy { Strategy = TrafficStrategies.Latency, Splits = [new TrafficSplit("d2", 50), new TrafficSplit("d2", 50)] };
        (await (await ada.PostAsync(Path, Request(version.Id) with { Traffic = twice })).ProblemAsync()).Detail.ShouldContain("Name each deployment once");

        foreach (var (strategy, says) in new[]
        {
            (new TrafficPolicy { Strategy = "fastest" }, "Use 'weighted' or 'latency', or none."),
            (new TrafficPolicy { Strategy = TrafficStrategies.Latency, Splits = [new TrafficSplit("d2", 50)], StickyBy = "caller" }, "each caller stays where the shares put it"),
        })
        {
            using var refused = await ada.PostAsync(Path, Request(version.Id) with { Traffic = strategy });
            ((int)refused.StatusCode, await refused.Content.ReadAsStringAsync(Token)).ShouldSatisfyAllConditions(
                it => it.Item1.ShouldBe(400), it => it.Item2.ShouldContain("\"traffic.strategy\""), it => it.Item2.Replace("\\u0027", "'", StringComparison.Ordinal).ShouldContain(says));
        }

        // What a rollout leaves when one answers everything is taken back with an edit of something else.
        using var left = await ada.PostAsync(Path, Request(version.Id) with { Traffic = new TrafficPolicy { Strategy = TrafficStrategies.Latency } });
        left.StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_routing_policy_and_the_zones_of_workers_reach_the_snapshot()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Admin();
        var version = await ApprovalTests.PendingAsync(library, ada, "single");
        await ApproveAsync(ada, version.Id);
        var policy = new RoutingPolicy { HedgeAfter = TimeSpan.FromMilliseconds(800), PreferZone = true };
        (await (await ada.PostAsync(Path, Request(version.Id) with { Routing = policy with { HedgeAfter = TimeSpan.FromMilliseconds(1) } })).ProblemAsync()).Detail.ShouldContain("10 milliseconds");

        var created = await ada.PostAsync<DeploymentRequest, DeploymentResponse>(Path, Request(version.Id) with { Routing = policy });
        created.Routing.ShouldBe(policy);
        WorkerOrders orders;
        do
        {
            orders = await library.BeatAsync(One, draining: false, "eu-1", []);
        }
        while (orders.Assignments.Count == 0);
        await library.BeatAsync(One, draining: false, "eu-1", [Ready(orders.Assignments[0])]);

        var snapshot = await library.SnapshotAsync(snapshot => snapshot.Deployments is [{ Replicas.Count: 1 }]);
        snapshot.Deployments[0].Routing.ShouldBe(policy);
        snapshot.Deployments[0].Replicas[0].Zone.ShouldBe("eu-1");
    }

    [Fact]
    public async Task A_cache_policy_reaches_the_snapshot_and_is_taken_away_by_a_put_without_it()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Admin();
        var version = await ApprovalTests.PendingAsync(library, ada, "single");
        await ApproveAsync(ada, version.Id);
        var policy = new CachePolicy { Responses = true, Ttl = TimeSpan.FromMinutes(90), DeterministicOnly = true };

        var created = await ada.PostAsync<DeploymentRequest, DeploymentResponse>(Path, Request(version.Id) with { Cache = policy });
        created.Cache.ShouldBe(policy);
        await library.SnapshotAsync(snapshot => snapshot.Deployments.Any(route => route is { Name: "d", ServesFormer: false } && route.Cache == policy));

        await ada.PutAsJsonAsync($"{Path}/d", Request(version.Id), Token);
        await library.SnapshotAsync(snapshot => snapshot.Deployments.All(route => route.Cache is null));
    }

    [Theory]
    [InlineData("""{"ttl":"00:00:00"}""", "cache.ttl")]
    [InlineData("""{"ttl":"31.00:00:00"}""", "cache.ttl")]
    [InlineData("""{"embeddings":true}""", "cache.embeddings")]
    [InlineData("""{"semantic":{"embeddings":"e","threshold":0.9}}""", "cache.semantic")]
    [InlineData("""{"responses":true,"semantic":{"embeddings":"e","threshold":1.1}}""", "cache.semantic.threshold")]
    [InlineData("""{"responses":true,"semantic":{"threshold":0.9}}""", "cache.semantic.embeddings")]
    [InlineData("""{"responses":true,"semantic":{"embeddings":"not-there","threshold":0.9}}""", "cache.semantic.embeddings")]
    public async Task A_cache_policy_that_is_not_valid_names_its_field(string policy, string field)
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Admin();
        var version = await ApprovalTests.PendingAsync(library, ada, "single");
        await ApproveAsync(ada, version.Id);

        var wrong = JsonSerializer.Deserialize<CachePolicy>(policy, JsonSerializerOptions.Web);
        var text = await (await ada.PostAsync(Path, Request(version.Id) with { Cache = wrong })).Content.ReadAsStringAsync(Token);

        text.ShouldContain($"\"{field}\"");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    internal static DeploymentRequest Request(Guid version) => new("d", version, null, null, null, null);

    internal static WorkerModelStatus Ready(ModelAssignment order) => new(order.DeploymentId, order.Digest, WorkerModelStates.Ready, null, null, null, 128);

    internal static async Task ApproveAsync(HttpClient client, Guid version) =>
        await client.PostAsync<ApprovalRequest, ModelVersionResponse>($"/api/library/projects/bank/versions/{version}/approvals", new ApprovalRequest("approve", null));

    private static async Task<ModelAssignment> OrderAsync(LibraryUnderTest library, string worker)
    {
        while (true)
        {
            if (await library.BeatAsync(worker) is { Assignments: [var order] })
            {
                return order;
            }
        }
    }

    internal static async Task<ModelAssignment> ServeAsync(LibraryUnderTest library, string worker)
    {
        var order = await OrderAsync(library, worker);
        await library.BeatAsync(worker, false, Ready(order));
        return order;
    }
}
