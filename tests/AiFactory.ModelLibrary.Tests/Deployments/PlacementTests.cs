using AiFactory.ModelLibrary.Deployments;
using AiFactory.ModelLibrary.Deployments.Local;

namespace AiFactory.ModelLibrary.Tests.Deployments;

public class PlacementTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Deployments_go_to_the_workers_with_the_fewest_assignments()
    {
        var plan = Plan([Deployment(1), Deployment(1), Deployment(1), Deployment(1)], [Live("a"), Live("b")], []);

        plan.Add.CountBy(assignment => assignment.BaseUrl).ShouldAllBe(worker => worker.Value == 2);
    }

    [Fact]
    public void What_is_placed_stays_when_a_worker_joins()
    {
        var deployment = Deployment(1);

        var plan = Plan([deployment], [Live("a"), Live("b")], [At(deployment, "b")]);

        (plan.Add.Count, plan.Remove.Count).ShouldBe((0, 0));
    }

    [Fact]
    public void More_replicas_than_workers_are_one_on_each() => Plan([Deployment(5)], [Live("a"), Live("b")], []).Add.Count.ShouldBe(2);

    [Fact]
    public void Fewer_desired_lets_the_youngest_go()
    {
        var deployment = Deployment(1);

        var plan = Plan([deployment], [Live("a"), Live("b")], [At(deployment, "a"), At(deployment, "b") with { AssignedAt = Now.AddSeconds(1) }]);

        plan.Remove.ShouldHaveSingleItem().BaseUrl.ShouldBe("b");
    }

    [Fact]
    public void A_lost_worker_s_share_moves_and_a_silent_one_s_is_stood_in_for_but_kept()
    {
        var (one, two) = (Deployment(1), Deployment(1));

        var plan = Plan(
            [one, two],
            [new WorkerView("lost", Liveness.Lost), new WorkerView("silent", Liveness.Silent), Live("a")],
            [At(one, "lost"), At(two, "silent")]);

        plan.Remove.ShouldHaveSingleItem().BaseUrl.ShouldBe("lost");
        plan.Add.Select(assignment => (assignment.DeploymentId, assignment.BaseUrl)).ShouldBe([(one.Id, "a"), (two.Id, "a")]);
    }

    private static PlacementPlan Plan(IReadOnlyList<DeploymentRow> desired, IReadOnlyList<WorkerView> workers, IReadOnlyList<AssignmentRow> placed) =>
        Placement.Plan(desired, workers, placed, Array.Empty<ReplicaRow>().ToLookup(replica => replica.DeploymentId), Now);

    private static WorkerView Live(string url) => new(url, Liveness.Live);

    private static AssignmentRow At(DeploymentRow deployment, string url) => new() { DeploymentId = deployment.Id, BaseUrl = url, AssignedAt = Now };

    private static DeploymentRow Deployment(int replicas) => new()
    {
        Id = Guid.CreateVersion7(),
        Project = "p",
        Name = "d",
        VersionId = Guid.Empty,
        Model = "m",
        ModelVersion = 1,
        Digest = "sha256:00",
        ObjectKey = "models/sha256/00",
        SizeBytes = 1,
        Task = "chat",
        Visibility = "project",
        Replicas = replicas,
        Phase = "pending",
        ReadyReplicas = 0,
        CreatedBy = "x",
        UpdatedBy = "x",
        CreatedAt = Now,
        UpdatedAt = Now,
    };
}
