namespace AiFactory.Builder.Tools;

internal sealed record ToolRow
{
    public required string Project { get; init; }

    public required string Name { get; init; }

    public required string Description { get; init; }

    /// <summary>A JSON schema.</summary>
    public required string Parameters { get; init; }

    public required string Kind { get; init; }

    public required string Method { get; init; }

    public required string Url { get; init; }

    /// <summary>A JSON object of texts.</summary>
    public required string Headers { get; init; }

    public required int TimeoutSeconds { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }
}
