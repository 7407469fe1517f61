using System.Text.Json;
using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Deployments;
using AiFactory.ModelLibrary.Rollouts;

namespace AiFactory.ModelLibrary.Tests.Rollouts;

public class RolloutJudgeTests
{
    private static readonly DateTimeOffset Began = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly RolloutSample None = new(0, 0, null, null, null);

    private static RolloutRequest Request { get; } = new("d2", RolloutStrategies.Canary)
    {
        Steps = [new RolloutStep(10, TimeSpan.FromMinutes(10), 100)],
        Gates = new RolloutGates { MaxP95Ratio = 1.5, MaxP99Ratio = 2 },
    };

    [Theory]
    [InlineData(9, 200, nameof(RolloutDecision.Wait), "This step takes 10 min.")]
    [InlineData(10, 200, nameof(RolloutDecision.Advance), "d2 failed 0 of 200 requests (0 %), d failed 9 of 900 requests (1 %).")]
    [InlineData(11, 99, nameof(RolloutDecision.Wait), "d2 had 99 of the 100 requests that this step needs.")]
    [InlineData(59, 99, nameof(RolloutDecision.Wait), "d2 had 99")]
    [InlineData(60, 99, nameof(RolloutDecision.Halt), "d2 had 99 of the 100 requests that this step needs in 60 min: that is too few to tell.")]
    public void A_step_takes_its_time_and_its_requests_and_does_not_wait_for_ever(int minutes, int requests, string decision, string says) =>
        Decide(minutes, new RolloutSample(requests, 0, 1, 1, 1), new RolloutSample(900, 9, 1, 1, 1)).ShouldBe(decision, says);

    [Theory]
    [InlineData(49, 49, 900, 0, nameof(RolloutDecision.Wait), "d2 had 49")] // fewer than are judged
    [InlineData(50, 3, 900, 0, nameof(RolloutDecision.Fail), "d2 failed 3 of 50 requests (6 %), d failed 0 of 900 requests (0 %): at most 5 % may fail.")]
    [InlineData(100, 4, 900, 9, nameof(RolloutDecision.Fail), "d2 failed 4 of 100 requests (4 %), d failed 9 of 900 requests (1 %): at most 2 % more may fail.")]
    [InlineData(100, 6, 900, 450, nameof(RolloutDecision.Wait), "This step takes 10 min.")] // a fix
    [InlineData(100, 6, 900, 45, nameof(RolloutDecision.Fail), "at most 5 % may fail.")]
    [InlineData(100, 4, 900, 27, nameof(RolloutDecision.Wait), "This step takes 10 min.")] // no worse than the baseline
    [InlineData(100, 4, 10, 0, nameof(RolloutDecision.Wait), "This step takes 10 min.")] // with so few nobody is compared
    public void Failures_are_held_against_a_bound_and_against_the_baseline(int requests, int failures, int others, int othersFailures, string decision, string says) =>
        Decide(5, new RolloutSample(requests, failures, 1, 1, 1), new RolloutSample(others, othersFailures, 1, 1, 1)).ShouldBe(decision, says);

    [Theory]
    [InlineData(0, 50, nameof(RolloutDecision.Fail), "clients gave up 50 of 50 requests to d2 (100 %), clients gave up 9 of 909 requests to d (0.99 %): at most 2 % more may wait in vain.")]
    [InlineData(50, 50, nameof(RolloutDecision.Fail), "clients gave up 50 of 100 requests to d2 (50 %)")]
    [InlineData(0, 49, nameof(RolloutDecision.Wait), "d2 had 0 of the 100")]
    [InlineData(100, 1, nameof(RolloutDecision.Wait), "This step takes 10 min.")]
    public void One_that_hangs_is_known_by_those_who_give_it_up(int answered, int left, string decision, string says) =>
        Decide(5, new RolloutSample(answered, 0, 1, 1, 1) { Left = left }, new RolloutSample(900, 0, 1, 1, 1) { Left = 9 }).ShouldBe(decision, says);

    /// <summary>Its clients may wait for minutes before they leave: all that answers is quick until then.</summary>
    [Theory]
    [InlineData(90, 0, 10, nameof(RolloutDecision.Fail), "clients gave up 0 of 100 requests to d2, and 10 hang (10 %), clients gave up 0 of 909 requests to d, and 9 hang (0.99 %): at most 2 % more may wait in vain.")]
    [InlineData(0, 25, 25, nameof(RolloutDecision.Fail), "clients gave up 25 of 50 requests to d2, and 25 hang (100 %)")]
    [InlineData(100, 0, 2, nameof(RolloutDecision.Wait), "This step takes 10 min.")]
    public void One_that_hangs_is_known_before_anybody_gives_it_up(int answered, int left, int hanging, string decision, string says) =>
        Decide(5, new RolloutSample(answered, 0, 1, 1, 1) { Left = left, Hanging = hanging }, new RolloutSample(900, 0, 1, 1, 1) { Hanging = 9 }).ShouldBe(decision, says);

    /// <summary>A hundred answers may be in the ledger while as many failures lie in the outbox of a gateway that does not reach it.</summary>
    [Fact]
    public void A_step_is_over_when_the_ledger_has_all_that_had_ended_when_it_was_good_enough()
    {
        var good = new RolloutSample(100, 0, 1, 1, 1);
        var first = Began.AddMinutes(10);
        var seen = new RolloutObservation(0, Began, good, new RolloutSample(900, 0, 1, 1, 1), None) { At = first, Delivered = first.AddSeconds(-1) };

        With(seen).ShouldBe(nameof(RolloutDecision.Wait), "The step is over when the ledger has all that ended before 2026-11-22 12:10:00Z. d2 failed 0 of 100");
        With(seen).Decision.ShouldBeOfType<RolloutDecision.Wait>().SettlesAt.ShouldBe(first);
        // The time that is waited for stays, however often it is told.
        With(seen with { At = first.AddMinutes(1), Delivered = first.AddSeconds(-1) }, first).ShouldBe(nameof(RolloutDecision.Wait), "all that ended before 2026-11-22 12:10:00Z");
        With(seen with { At = first.AddMinutes(1), Delivered = first }, first).ShouldBe(nameof(RolloutDecision.Advance), "d2 failed 0 of 100");
        With(seen with { At = first.AddMinutes(1), Delivered = first, Candidate = new RolloutSample(200, 100, 1, 1, 1) }, first).ShouldBe(nameof(RolloutDecision.Fail), "d2 failed 100 of 200");
        With(seen with { Candidate = new RolloutSample(200, 100, 1, 1, 1) }).ShouldBe(nameof(RolloutDecision.Fail), "d2 failed 100 of 200"); // which needs no more to be known
        With(seen with { At = first.AddHours(1), Delivered = first.AddSeconds(-1) }, first).ShouldBe(nameof(RolloutDecision.Halt), "a gateway has not delivered that for 60 min.");
        With(seen with { Delivered = null }).ShouldBe(nameof(RolloutDecision.Wait), "does not say how far the ledger is");

        static Verdict With(RolloutObservation seen, DateTimeOffset? settles = null) => Judged(
            Row(0) with { Observed = JsonSerializer.Serialize(seen, JsonSerializerOptions.Web), ObservedAt = Began.AddMinutes(11), SettlesAt = settles }, Deployment(), 11);
    }

    [Fact]
    public void A_candidate_that_is_slower_than_it_may_be_fails_with_both_numbers()
    {
        var baseline = new RolloutSample(900, 0, 0.5, 1, 2);

        Decide(5, new RolloutSample(100, 0, 0.5, 1.5, 4), baseline).ShouldBe(nameof(RolloutDecision.Wait), "This step takes");
        Decide(5, new RolloutSample(100, 0, 0.5, 1.6, 4), baseline).ShouldBe(nameof(RolloutDecision.Fail), "The p95 of d2 is 1.6 s, that of d 1 s: 1.6 times as long, and at most 1.5 times is allowed.");
        Decide(5, new RolloutSample(100, 0, 0.5, 1.5, 4.2), baseline).ShouldBe(nameof(RolloutDecision.Fail), "The p99 of d2 is 4.2 s");
        // After a switch of all there is no baseline in the step: the hour before stands for it.
        Decide(5, new RolloutSample(100, 0, 0.5, 1.6, 4), None, before: baseline).ShouldBe(nameof(RolloutDecision.Fail), "The p95 of d2 is 1.6 s");
        Decide(5, new RolloutSample(100, 0, 0.5, 1.6, 4), None).ShouldBe(nameof(RolloutDecision.Wait), "This step takes");
    }

    [Fact]
    public void Without_new_numbers_it_does_not_go_on_however_good_the_last_were()
    {
        var good = new RolloutSample(1000, 0, 1, 1, 1);

        Judged(Row(0) with { ObservedAt = null, Observed = null }, Deployment(), 59).ShouldBe(nameof(RolloutDecision.Wait), "No gateway with a ledger has told yet");
        Judged(Row(0) with { ObservedAt = null, Observed = null }, Deployment(), 60).ShouldBe(nameof(RolloutDecision.Halt), "in this step, for 60 min and more.");
        var row = Row(0) with { Observed = JsonSerializer.Serialize(Whole(new RolloutObservation(0, Began, good, good, None)), JsonSerializerOptions.Web), ObservedAt = Began.AddMinutes(11) };
        Judged(row, Deployment(), 12).ShouldBe(nameof(RolloutDecision.Wait), "No gateway has told since 2026-11-22 12:11:00Z what it counts; without");
        Judged(row, Deployment(), 13).Decision.ShouldBe(Judged(row, Deployment(), 12).Decision, "the row is written when there is something new");
        Judged(row, Deployment(), 71).ShouldBe(nameof(RolloutDecision.Halt), "No gateway has told since 2026-11-22 12:11:00Z what it counts, for 60 min and more.");
        Judged(row with { ObservedAt = Began.AddMinutes(12) }, Deployment(), 12).ShouldBe(nameof(RolloutDecision.Advance), "d2 failed 0 of 1000");
    }

    [Fact]
    public void It_begins_when_all_replicas_are_ready_and_gives_up_after_a_while()
    {
        var loads = Deployment() with { Phase = DeploymentPhases.Progressing, ReadyReplicas = 1, Message = "Worker w loads the model." };

        Judged(Row(-1), Deployment(), 60).ShouldBe(nameof(RolloutDecision.Advance), "d2 is ready, with 2 of 2 replicas.");
        Judged(Row(-1), loads, 9).ShouldBe(nameof(RolloutDecision.Wait), "Worker w loads the model.");
        Judged(Row(-1), loads, 10).ShouldBe(nameof(RolloutDecision.Fail), "d2 was not ready within 10 min, and d goes on serving. d2 is progressing: Worker w loads the model.");
        Judged(Row(-1), loads with { Revoked = "it leaks" }, 1).ShouldBe(nameof(RolloutDecision.Fail), "d2");
    }

    [Fact]
    public void A_candidate_whose_replicas_are_gone_fails_after_a_while_and_one_that_is_revoked_at_once()
    {
        var gone = Deployment() with { ReadyReplicas = 0, Phase = DeploymentPhases.Pending, Message = "It waits for a worker." };
        var row = Row(0) with { UnreadySince = Began.AddMinutes(3) };

        RolloutJudge.Decide(row, RolloutPlan.From(Request), gone, Baseline, new RolloutOptions(), Began.AddMinutes(3).AddSeconds(14)).ShouldBeOfType<RolloutDecision.Wait>();
        RolloutJudge.Decide(row, RolloutPlan.From(Request), gone, Baseline, new RolloutOptions(), Began.AddMinutes(3).AddSeconds(15)).ShouldBeOfType<RolloutDecision.Fail>()
            .Message.ShouldBe("d2 has no ready replica: It waits for a worker.");
        Judged(row, gone with { Revoked = "it leaks" }, 3).ShouldBe(nameof(RolloutDecision.Fail), "d2 has no ready replica");
    }

    [Fact]
    public void It_is_not_rolled_back_to_a_baseline_that_cannot_answer()
    {
        var bad = new RolloutSample(100, 50, 1, 1, 1);
        var row = Row(0) with { Observed = JsonSerializer.Serialize(new RolloutObservation(0, Began, bad, None, None), JsonSerializerOptions.Web), ObservedAt = Began.AddMinutes(5) };

        With(Baseline).ShouldBe(nameof(RolloutDecision.Fail), "d2 failed 50 of 100");
        With(null).ShouldBe(nameof(RolloutDecision.Halt), "d is there no more.");
        With(Baseline with { ReadyReplicas = 0, Message = "It is stopped." }).ShouldBe(nameof(RolloutDecision.Halt), "at most 5 % may fail. It is not rolled back: d has no ready replica: It is stopped.");
        With(Baseline with { Revoked = "it leaks" }).ShouldBe(nameof(RolloutDecision.Halt), "It is not rolled back: The model version of d was revoked: it leaks");

        Verdict With(DeploymentRow? baseline) => new(RolloutJudge.Decide(row, RolloutPlan.From(Request), Deployment(), baseline, new RolloutOptions(), Began.AddMinutes(5)));
    }

    private static DeploymentRow Baseline { get; } = Deployment() with { Name = "d" };

    private static Verdict Decide(int minutes, RolloutSample candidate, RolloutSample baseline, RolloutSample? before = null) => Judged(
        Row(0) with
        {
            Observed = JsonSerializer.Serialize(Whole(new RolloutObservation(0, Began, candidate, baseline, before ?? None)), JsonSerializerOptions.Web),
            ObservedAt = Began.AddMinutes(minutes),
        },
        Deployment(),
        minutes);

    private static Verdict Judged(RolloutRow row, DeploymentRow candidate, int minutes) =>
        new(RolloutJudge.Decide(row, RolloutPlan.From(Request), candidate, Baseline, new RolloutOptions(), Began.AddMinutes(minutes)));

    /// <summary>Of a ledger that has all.</summary>
    private static RolloutObservation Whole(RolloutObservation observation) => observation with { At = Began, Delivered = Began };

    private static RolloutRow Row(int step) => new()
    {
        Id = Guid.CreateVersion7(),
        Project = "bank",
        Deployment = "d",
        Candidate = "d2",
        Baseline = "d",
        CandidateVersionId = Guid.Empty,
        BaselineVersionId = Guid.Empty,
        Plan = RolloutPlan.From(Request).ToJson(),
        State = RolloutStates.Running,
        Step = step,
        StepSince = Began,
        Message = "",
        CreatedBy = "user:ada",
        CreatedAt = Began,
        UpdatedAt = Began,
    };

    private static DeploymentRow Deployment() => new()
    {
        Id = Guid.CreateVersion7(),
        Project = "bank",
        Name = "d2",
        VersionId = Guid.Empty,
        Model = "m",
        ModelVersion = 2,
        Digest = "",
        ObjectKey = "",
        SizeBytes = 1,
        Task = "chat",
        Visibility = "project",
        Replicas = 2,
        Phase = DeploymentPhases.Ready,
        ReadyReplicas = 2,
        CreatedBy = "",
        UpdatedBy = "",
        CreatedAt = Began,
        UpdatedAt = Began,
    };

    private sealed record Verdict(RolloutDecision Decision)
    {
        internal void ShouldBe(string decision, string says)
        {
            Decision.GetType().Name.ShouldBe(decision, Decision.Message);
            Decision.Message.ShouldContain(says, Case.Sensitive);
        }
    }
}
