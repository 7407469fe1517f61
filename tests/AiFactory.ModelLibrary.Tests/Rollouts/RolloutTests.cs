using System.Net.Http.Json;
using AiFactory.Contracts.Library;
using AiFactory.Contracts.Routing;
using AiFactory.Contracts.Workers;
using AiFactory.ModelLibrary.Rollouts;
using AiFactory.ModelLibrary.Tests.Approvals;
using AiFactory.ModelLibrary.Tests.Deployments;
using AiFactory.ModelLibrary.Tests.Edges;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.ModelLibrary.Tests.Rollouts;

public class RolloutTests(PostgresFixture postgres)
{
    private const string Path = $"{DeploymentTests.Path}/d/rollouts";
    private const string Worker = "http://localhost:4001";

    private static RolloutRequest Canary { get; } = new("d2", RolloutStrategies.Canary) { Steps = [new RolloutStep(10, Requests: 100), new RolloutStep(50, Requests: 200)] };

    /// <summary>FEATURES, row 50.</summary>
    [Fact]
    public async Task A_canary_goes_from_share_to_share_while_its_numbers_are_good_and_the_next_one_begins_where_it_ended()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Admin();
        await DeployAsync(library, ada, "d", "d2", "d3");
        var begun = await ada.PostAsync<RolloutRequest, RolloutResponse>(Path, Canary);
        (begun.State, begun.Percent, begun.Baseline).ShouldBe((RolloutStates.Running, 0, "d"));

        var first = await StepAsync(ada, begun.Id, 0);
        await SharesAsync(library, "d2 10");
        // Fewer than it takes, then another library at the same rows, then enough.
        await ObserveAsync(library, first, new RolloutSample(99, 1, 1, 1, 1));
        await ada.UntilAsync<RolloutResponse>($"{Path}/{begun.Id}", rollout => rollout.Message.Contains("d2 had 99 of the 100", StringComparison.Ordinal));
        await library.RestartAsync();
        using var again = library.Admin();
        await ObserveAsync(library, first, new RolloutSample(100, 1, 1, 1, 1));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => library.Services.GetRequiredService<RolloutController>().RunOnceAsync(Token)));
        var second = await StepAsync(again, begun.Id, 1);
        await SharesAsync(library, "d2 50");
        (second.Percent, second.Observed).ShouldBe((50, null), "a step begins without numbers");
        await ObserveAsync(library, first, new RolloutSample(9999, 0, 1, 1, 1), expected: 409); // a gateway that is a snapshot behind
        // Good enough, and a gateway has not delivered what had ended by then: that is waited for, whatever is told meanwhile.
        var good = Told(second, new RolloutSample(200, 0, 1, 1, 1));
        await TellAsync(library, second.Id, good with { Delivered = second.StepSince.AddSeconds(-1) });
        await again.UntilAsync<RolloutResponse>($"{Path}/{begun.Id}", rollout => rollout.Message.StartsWith("The step is over when the ledger has all", StringComparison.Ordinal));
        await TellAsync(library, second.Id, good with { At = second.StepSince.AddSeconds(9), Delivered = second.StepSince.AddSeconds(1) });
        var ended = await EndAsync(again, begun.Id);

        (ended.State, ended.Percent).ShouldBe((RolloutStates.Completed, 100));
        ended.Message.ShouldContain("d2 failed 0 of 200 requests (0 %), d failed 10 of 1000 requests (1 %)");
        await SharesAsync(library, "d2 100");
        var audit = await again.GetAsync<Page<AuditEntryResponse>>("/api/library/projects/bank/audit");
        audit.Items.Where(entry => entry.Target == "deployment/d" && entry.Action.StartsWith("rollout", StringComparison.Ordinal)).Reverse().Select(entry => $"{entry.Action} {entry.Actor}").ShouldBe(
            ["rollout.begun user:admin", "rollout.advanced system:rollouts", "rollout.advanced system:rollouts", "rollout.completed system:rollouts"]);

        // What answers now is what the next is compared with, and what an end of it goes back to.
        var next = await again.PostAsync<RolloutRequest, RolloutResponse>(Path, Canary with { Candidate = "d3" });
        next.Baseline.ShouldBe("d2");
        await StepAsync(again, next.Id, 0);
        await SharesAsync(library, "d3 10, d2 90");
        (await ActAsync(again, next.Id, "abort")).State.ShouldBe(RolloutStates.Cancelled);
        await SharesAsync(library, "d2 100");
        (await again.GetAsync<Page<RolloutResponse>>(Path)).Items.Select(rollout => rollout.Id).ShouldBe([next.Id, begun.Id]);
    }

    /// <summary>FEATURES, row 50: injected errors halt the ramp; and row 51: a switch is taken back by itself.</summary>
    [Theory]
    [InlineData(RolloutStrategies.Canary, RolloutFailureActions.Halt, RolloutStates.Halted, "d2 10")]
    [InlineData(RolloutStrategies.Canary, RolloutFailureActions.Rollback, RolloutStates.RolledBack, "")]
    [InlineData(RolloutStrategies.BlueGreen, null, RolloutStates.RolledBack, "")]
    public async Task Errors_of_the_candidate_end_the_ramp_and_the_reason_has_the_numbers_of_both(string strategy, string? onFailure, string state, string shares)
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Admin();
        await DeployAsync(library, ada, "d", "d2");
        var begun = await ada.PostAsync<RolloutRequest, RolloutResponse>(
            Path, Canary with { Strategy = strategy, Steps = strategy == RolloutStrategies.Canary ? Canary.Steps : null, OnFailure = onFailure });

        var step = await StepAsync(ada, begun.Id, 0);
        await SharesAsync(library, strategy == RolloutStrategies.Canary ? "d2 10" : "d2 100");
        await ObserveAsync(library, step, new RolloutSample(60, 20, 1, 1, 1));
        var ended = await ada.UntilAsync<RolloutResponse>($"{Path}/{begun.Id}", rollout => rollout.State != RolloutStates.Running);

        ended.State.ShouldBe(state);
        ended.Message.ShouldBe("d2 failed 20 of 60 requests (33.33 %), d failed 10 of 1000 requests (1 %): at most 5 % may fail.");
        ended.Observed.ShouldNotBeNull().Candidate.Failures.ShouldBe(20);
        await SharesAsync(library, shares);
    }

    /// <summary>FEATURES, row 51.</summary>
    [Fact]
    public async Task A_version_that_never_gets_ready_leaves_the_old_one_serving_and_is_marked_rolled_back()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Admin();
        var version = await DeployAsync(library, ada, "d");
        await ada.PostAsync<DeploymentRequest, DeploymentResponse>(DeploymentTests.Path, DeploymentTests.Request(version.Id) with { Name = "d2", Replicas = 2 });

        var begun = await ada.PostAsync<RolloutRequest, RolloutResponse>(Path, new RolloutRequest("d2", RolloutStrategies.BlueGreen) { ReadyWithin = TimeSpan.FromMilliseconds(300) });
        var ended = await EndAsync(ada, begun.Id);

        (ended.State, ended.Step, ended.Percent).ShouldBe((RolloutStates.RolledBack, -1, 0));
        ended.Message.ShouldStartWith("d2 was not ready within 0.3 s, and d goes on serving.");
        await SharesAsync(library, "");
        var audit = await ada.GetAsync<Page<AuditEntryResponse>>("/api/library/projects/bank/audit");
        audit.Items.ShouldContain(entry => entry.Action == "rollout.rolled-back" && entry.Actor == "system:rollouts");
        audit.Items.ShouldNotContain(entry => entry.Action == "rollout.advanced");
    }

    [Fact]
    public async Task A_person_pauses_resumes_and_promotes_it_and_meanwhile_nobody_else_moves_its_shares()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Admin();
        using var viewer = library.Client("user:eve", "bank", Roles.Viewer);
        var version = await DeployAsync(library, ada, "d", "d2");
        (await (await viewer.PostAsync(Path, Canary)).ProblemAsync()).Status.ShouldBe(403);
        var begun = await ada.PostAsync<RolloutRequest, RolloutResponse>(Path, Canary);
        var step = await StepAsync(ada, begun.Id, 0);

        // Nobody else.
        (await (await ada.PostAsync(Path, Canary)).ProblemAsync()).Detail.ShouldContain("promote or abort it first");
        (await (await ada.PutAsJsonAsync($"{DeploymentTests.Path}/d", DeploymentTests.Request(version.Id), Token)).ProblemAsync()).Detail.ShouldContain("moves its traffic");
        var same = DeploymentTests.Request(version.Id) with { Slots = 2, Traffic = new TrafficPolicy { Splits = [new TrafficSplit("d2", 10)] } };
        (await ada.PutAsJsonAsync($"{DeploymentTests.Path}/d", same, Token)).EnsureSuccessStatusCode();
        (await (await ada.DeleteAsync(new Uri($"{DeploymentTests.Path}/d2", UriKind.Relative), Token)).ProblemAsync()).Detail.ShouldContain("A rollout of 'd' from 'd' to 'd2' is running");
        using var anybody = library.Client("user:op", null, Roles.Admin);
        (await anybody.PostAsync($"/internal/rollouts/{begun.Id}/observations", Told(step, new RolloutSample(1, 1, 1, 1, 1)))).StatusCode.ShouldBe(System.Net.HttpStatusCode.Forbidden);

        // Paused it takes no numbers and makes no step.
        (await ActAsync(ada, begun.Id, "pause")).State.ShouldBe(RolloutStates.Paused);
        await ObserveAsync(library, step, new RolloutSample(500, 0, 1, 1, 1), expected: 409);
        await library.SnapshotAsync(snapshot => snapshot.Deployments.All(route => route.Rollout is null));
        (await (await ada.PostAsync($"{Path}/{begun.Id}/pause", new { })).ProblemAsync()).ShouldBe((409, "It is paused: only one that is running can be paused."));
        var resumed = await ActAsync(ada, begun.Id, "resume");
        (resumed.State, resumed.Percent, resumed.StepSince > step.StepSince).ShouldBe((RolloutStates.Running, 10, true));

        (await ActAsync(ada, begun.Id, "promote")).State.ShouldBe(RolloutStates.Completed);
        await SharesAsync(library, "d2 100");
        (await (await ada.PostAsync($"{Path}/{begun.Id}/abort", new { })).ProblemAsync()).Status.ShouldBe(409);
        (await (await ada.DeleteAsync(new Uri($"{DeploymentTests.Path}/d2", UriKind.Relative), Token)).ProblemAsync()).ShouldBe(
            (409, "It is needed: 'd2' answers requests of 'd' (traffic.splits; a rollout gives them to another). Change that first."));
    }

    /// <summary>It had come back with all of its share, watched by nobody.</summary>
    [Fact]
    public async Task What_was_read_before_a_rollout_was_taken_back_brings_no_share_back()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Admin();
        var version = await DeployAsync(library, ada, "d", "d2");
        var begun = await ada.PostAsync<RolloutRequest, RolloutResponse>(Path, Canary);
        var step = await StepAsync(ada, begun.Id, 0);
        var read = await ada.GetAsync<DeploymentResponse>($"{DeploymentTests.Path}/d");
        await ObserveAsync(library, step, new RolloutSample(60, 20, 1, 1, 1));
        (await EndAsync(ada, begun.Id)).State.ShouldBe(RolloutStates.RolledBack);
        var plain = DeploymentTests.Request(version.Id);

        (await PutAsync(plain with { Slots = 2, Traffic = read.Traffic })).ShouldSatisfyAllConditions(answer => answer.Status.ShouldBe(409), answer => answer.Detail.ShouldContain("send its 'updatedAt'"));
        (await PutAsync(plain with { Slots = 2, Traffic = read.Traffic, UpdatedAt = read.UpdatedAt })).Detail.ShouldContain("'d' was changed by system:rollouts at");
        await SharesAsync(library, "");

        // Who leaves the traffic as it is has nothing to say, and empty is as none; who has read what is there now may change it.
        (await ada.PutAsJsonAsync($"{DeploymentTests.Path}/d", plain with { Slots = 2, Traffic = new TrafficPolicy { Splits = [], Fallbacks = [] } }, Token)).EnsureSuccessStatusCode();
        var now = await ada.GetAsync<DeploymentResponse>($"{DeploymentTests.Path}/d");
        (await ada.PutAsJsonAsync($"{DeploymentTests.Path}/d", plain with { Traffic = read.Traffic, UpdatedAt = now.UpdatedAt }, Token)).EnsureSuccessStatusCode();
        await SharesAsync(library, "d2 10");

        async Task<(int Status, string Detail)> PutAsync(DeploymentRequest request) => await (await ada.PutAsJsonAsync($"{DeploymentTests.Path}/d", request, Token)).ProblemAsync();
    }

    [Fact]
    public async Task Requests_are_sent_to_nobody_who_cannot_answer_them_neither_back_nor_on()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Admin();
        var version = await DeployAsync(library, ada, "d", "d2");
        await ada.PostAsync<DeploymentRequest, DeploymentResponse>(DeploymentTests.Path, DeploymentTests.Request(version.Id) with { Name = "d3", Replicas = 2 });
        var begun = await ada.PostAsync<RolloutRequest, RolloutResponse>(Path, Canary);
        var step = await StepAsync(ada, begun.Id, 0);
        var stopped = DeploymentTests.Request(version.Id) with { Replicas = 0, Traffic = new TrafficPolicy { Splits = [new TrafficSplit("d2", 10)] } };
        (await ada.PutAsJsonAsync($"{DeploymentTests.Path}/d", stopped, Token)).EnsureSuccessStatusCode();
        await ada.UntilAsync<DeploymentResponse>($"{DeploymentTests.Path}/d", deployment => deployment is { Phase: DeploymentPhases.Stopped, ReadyReplicas: 0 });

        await ObserveAsync(library, step, new RolloutSample(60, 20, 1, 1, 1));
        var halted = await ada.UntilAsync<RolloutResponse>($"{Path}/{begun.Id}", rollout => rollout.State != RolloutStates.Running);

        halted.State.ShouldBe(RolloutStates.Halted);
        halted.Message.ShouldEndWith("It is not rolled back: d has no ready replica: It is stopped: 0 replicas are desired.");
        await SharesAsync(library, "d2 10");
        await ActAsync(ada, begun.Id, "abort");
        var next = await ada.PostAsync<RolloutRequest, RolloutResponse>(Path, Canary with { Candidate = "d3" });
        (await (await ada.PostAsync($"{Path}/{next.Id}/promote", new { })).ProblemAsync()).ShouldSatisfyAllConditions(
            answer => answer.Status.ShouldBe(409), answer => answer.Detail.ShouldContain("would find nobody. d3 has no ready replica"));
    }

    [Fact]
    public async Task Another_version_under_the_candidate_s_name_halts_it_and_who_resumes_it_means_the_new_one()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Admin();
        await DeployAsync(library, ada, "d", "d2");
        var begun = await ada.PostAsync<RolloutRequest, RolloutResponse>(Path, Canary);
        var step = await StepAsync(ada, begun.Id, 0);
        var second = await DeploymentTests.SecondAsync(library, ada);

        (await ada.PutAsJsonAsync($"{DeploymentTests.Path}/d2", DeploymentTests.Request(second.Id) with { Name = "d2" }, Token)).EnsureSuccessStatusCode();
        var halted = await ada.UntilAsync<RolloutResponse>($"{Path}/{begun.Id}", rollout => rollout.State == RolloutStates.Halted);

        halted.Message.ShouldBe("Another version was deployed as d2: the numbers would be of two.");
        halted.Percent.ShouldBe(10, "a person decides");
        await ObserveAsync(library, step, new RolloutSample(500, 0, 1, 1, 1), expected: 409);
        (await (await ada.PostAsync($"{Path}/{begun.Id}/resume", new { })).ProblemAsync()).Detail.ShouldContain("Resume it when all of its replicas are ready.");
        await ReadyAsync(library, orders => orders.Any(order => order.Digest == second.Digest));
        await ada.UntilAsync<DeploymentResponse>($"{DeploymentTests.Path}/d2", deployment => deployment.Phase == DeploymentPhases.Ready);
        await ActAsync(ada, begun.Id, "resume");
        (await ada.UntilAsync<RolloutResponse>($"{Path}/{begun.Id}", rollout => !rollout.Message.StartsWith("It was", StringComparison.Ordinal))).Message.ShouldNotContain("Another version");
    }

    [Fact]
    public async Task A_rollout_that_is_not_valid_names_each_field()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        using var ada = library.Admin();
        await DeployAsync(library, ada, "d", "d2");
        var wrong = new RolloutRequest("", "slow")
        {
            Steps = [new RolloutStep(10), new RolloutStep(10, TimeSpan.Zero, 0)],
            Watch = TimeSpan.FromMinutes(1),
            ReadyWithin = TimeSpan.Zero,
            OnFailure = "cry",
            Gates = new RolloutGates { MaxFailureShare = 5, MaxFailureIncrease = -1, MaxP95Ratio = 0.5, MaxP99Ratio = 0, MinRequests = -1, LongestWait = TimeSpan.Zero },
        };

        var text = await (await ada.PostAsync(Path, wrong)).Content.ReadAsStringAsync(Token);

        foreach (var field in (string[])["candidate", "strategy", "steps[0]", "steps[1].percent", "steps[1].duration", "steps[1].requests", "watch", "readyWithin", "onFailure", "gates.maxFailureShare", "gates.maxFailureIncrease", "gates.maxP95Ratio", "gates.maxP99Ratio", "gates.minRequests", "gates.longestWait"])
        {
            text.ShouldContain($"\"{field}\"");
        }

        // Postgres keeps no NUL in a text.
        (await (await ada.PostAsync(Path, Canary with { Candidate = "d2\0" })).ProblemAsync()).Status.ShouldBe(400);
        var traffic = new TrafficPolicy { Fallbacks = ["d2\0"] };
        (await (await ada.PostAsync(DeploymentTests.Path, DeploymentTests.Request(Guid.CreateVersion7()) with { Name = "d4", Traffic = traffic })).ProblemAsync()).Status.ShouldBe(400);
        (await (await ada.PostAsync(Path, Canary with { Candidate = "d" })).ProblemAsync()).Detail.ShouldContain("'d' answers the requests of 'd' already");
        (await (await ada.PostAsync(Path, Canary with { Candidate = "d9" })).ProblemAsync()).Detail.ShouldContain("no deployment 'd9'");
        (await (await ada.PostAsync($"{DeploymentTests.Path}/d9/rollouts", Canary)).ProblemAsync()).Status.ShouldBe(404);
        (await (await ada.PostAsync(Path, new RolloutRequest("d2", RolloutStrategies.BlueGreen) { Steps = [] })).ProblemAsync()).Detail.ShouldContain("switches at once");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Deployments of one approved version, each ready on the one worker.</summary>
    private static async Task<ModelVersionResponse> DeployAsync(LibraryUnderTest library, HttpClient ada, params string[] names)
    {
        var version = await ApprovalTests.PendingAsync(library, ada, "single");
        await DeploymentTests.ApproveAsync(ada, version.Id);
        foreach (var name in names)
        {
            await ada.PostAsync<DeploymentRequest, DeploymentResponse>(DeploymentTests.Path, DeploymentTests.Request(version.Id) with { Name = name });
        }

        await ReadyAsync(library, orders => orders.Count >= names.Length);
        foreach (var name in names)
        {
            await ada.UntilAsync<DeploymentResponse>($"{DeploymentTests.Path}/{name}", deployment => deployment.Phase == DeploymentPhases.Ready);
        }

        return version;
    }

    /// <summary>The worker has loaded what it was told to.</summary>
    private static async Task ReadyAsync(LibraryUnderTest library, Func<IReadOnlyList<ModelAssignment>, bool> until)
    {
        var orders = await library.BeatAsync(Worker);
        while (!until(orders.Assignments))
        {
            orders = await library.BeatAsync(Worker);
        }

        await library.BeatAsync(Worker, false, [.. orders.Assignments.Select(DeploymentTests.Ready)]);
    }

    private static Task<RolloutResponse> StepAsync(HttpClient client, Guid id, int step) =>
        client.UntilAsync<RolloutResponse>($"{Path}/{id}", rollout => rollout.Step == step && rollout.State == RolloutStates.Running);

    private static Task<RolloutResponse> EndAsync(HttpClient client, Guid id) => client.UntilAsync<RolloutResponse>($"{Path}/{id}", rollout => rollout.EndedAt is not null);

    private static Task<RolloutResponse> ActAsync(HttpClient client, Guid id, string act) => client.PostAsync<object, RolloutResponse>($"{Path}/{id}/{act}", new { });

    private static RolloutObservation Told(RolloutResponse step, RolloutSample candidate) =>
        new(step.Step, step.StepSince, candidate, new RolloutSample(1000, 10, 1, 1, 1), new RolloutSample(1000, 10, 1, 1, 1)) { At = step.StepSince, Delivered = step.StepSince };

    private static Task ObserveAsync(LibraryUnderTest library, RolloutResponse step, RolloutSample candidate, int expected = 204) => TellAsync(library, step.Id, Told(step, candidate), expected);

    private static async Task TellAsync(LibraryUnderTest library, Guid rollout, RolloutObservation observation, int expected = 204)
    {
        using var gateway = library.Client(InternalIdentity.ForService(Roles.Gateway));
        using var answer = await gateway.PostAsync($"/internal/rollouts/{rollout}/observations", observation);
        ((int)answer.StatusCode).ShouldBe(expected);
    }

    /// <summary>What gateways are told to do.</summary>
    private static Task<RoutingSnapshot> SharesAsync(LibraryUnderTest library, string shares) => library.SnapshotAsync(snapshot => snapshot.Deployments.Any(
        route => route.Name == "d" && string.Join(", ", (route.Traffic?.Splits ?? []).Select(split => $"{split.Deployment} {split.Percent}")) == shares));
}
