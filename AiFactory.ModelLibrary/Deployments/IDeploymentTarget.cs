namespace AiFactory.ModelLibrary.Deployments;

/// <summary>Where deployments run. Workers that heartbeat are one; a cluster is another.</summary>
internal interface IDeploymentTarget
{
    /// <summary>Takes one step, safe to repeat, from what is observed to what is desired, and answers what is observed after it.</summary>
    Task<ILookup<Guid, ReplicaRow>> ReconcileAsync(IReadOnlyList<DeploymentRow> desired, CancellationToken cancellationToken);
}
