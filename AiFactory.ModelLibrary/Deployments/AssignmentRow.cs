namespace AiFactory.ModelLibrary.Deployments;

internal sealed record AssignmentRow
{
    public required Guid DeploymentId { get; init; }

    public required string BaseUrl { get; init; }

    public required DateTimeOffset AssignedAt { get; init; }
}
