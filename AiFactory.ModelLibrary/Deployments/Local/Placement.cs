namespace AiFactory.ModelLibrary.Deployments.Local;

/// <summary>
/// Which worker serves what. What is placed stays where it is; what is missing goes to the live workers with the fewest assignments. It decides from its
/// arguments alone.
/// </summary>
internal static class Placement
{
    internal static PlacementPlan Plan(
        IReadOnlyList<DeploymentRow> desired, IReadOnlyList<WorkerView> workers, IReadOnlyList<AssignmentRow> assignments, ILookup<Guid, ReplicaRow> replicas, DateTimeOffset now)
    {
        var liveness = workers.ToDictionary(worker => worker.BaseUrl, worker => worker.Liveness, StringComparer.Ordinal);
        var remaining = assignments.ToList();
        var remove = remaining.Where(assignment => liveness.GetValueOrDefault(assignment.BaseUrl, Liveness.Lost) == Liveness.Lost).ToList();
        remaining.RemoveAll(remove.Contains);
        var load = remaining.CountBy(assignment => assignment.BaseUrl).ToDictionary(StringComparer.Ordinal);
        var add = new List<AssignmentRow>();
        foreach (var deployment in desired)
        {
            var mine = remaining.Where(assignment => assignment.DeploymentId == deployment.Id).ToList();
            var serving = replicas[deployment.Id].Where(replica => replica.Serves).Select(replica => replica.BaseUrl).ToHashSet(StringComparer.Ordinal);

            // 1. Too many: those go first that do not serve, then the youngest.
            var standing = replicas[deployment.Id].Where(replica => replica.StandsIn).Select(replica => replica.BaseUrl).ToHashSet(StringComparer.Ordinal);
            var live = mine.Where(assignment => liveness[assignment.BaseUrl] == Liveness.Live).ToList();
            var surplus = live
                .OrderBy(assignment => serving.Contains(assignment.BaseUrl) ? 2 : standing.Contains(assignment.BaseUrl) ? 1 : 0)
                .ThenByDescending(assignment => assignment.AssignedAt)
                .ThenByDescending(assignment => assignment.BaseUrl, StringComparer.Ordinal)
                .Take(Math.Max(0, live.Count - deployment.Replicas))
                .ToList();
            remove.AddRange(surplus);

            // 2. Silent ones are let go once the live ones can do without them. A stopped deployment has none.
            var kept = live.Except(surplus).ToList();
            if (deployment.Replicas == 0 || kept.Count(assignment => serving.Contains(assignment.BaseUrl)) >= deployment.Replicas)
            {
                remove.AddRange(mine.Where(assignment => liveness[assignment.BaseUrl] != Liveness.Live && (deployment.Replicas == 0 || liveness[assignment.BaseUrl] == Liveness.Silent)));
            }

            // 3. Too few.
            var candidates = workers
                .Where(worker => worker.Liveness == Liveness.Live && !mine.Any(assignment => assignment.BaseUrl == worker.BaseUrl))
                .OrderBy(worker => load.GetValueOrDefault(worker.BaseUrl))
                .ThenBy(worker => worker.BaseUrl, StringComparer.Ordinal)
                .Take(Math.Max(0, deployment.Replicas - kept.Count));
            foreach (var worker in candidates.ToList())
            {
                add.Add(new AssignmentRow { DeploymentId = deployment.Id, BaseUrl = worker.BaseUrl, AssignedAt = now });
                load[worker.BaseUrl] = load.GetValueOrDefault(worker.BaseUrl) + 1;
            }
        }

        return new PlacementPlan(add, remove);
    }
}
