namespace AiFactory.ModelLibrary.Projects;

internal sealed record ProjectRow
{
    public required string Name { get; init; }

    public required string DisplayName { get; init; }

    public required string ApprovalPolicy { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}
