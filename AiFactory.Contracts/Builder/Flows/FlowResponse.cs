namespace AiFactory.Contracts.Builder.Flows;

/// <param name="Revision">The newest.</param>
/// <param name="PublishedAlias">Under which it can be called as the model <c>flow/{alias}</c>; null when it is not published. Of several, the first by name.</param>
/// <param name="PublishedRevision">The revision that the alias calls.</param>
/// <param name="Graph">Of the newest revision; left out in lists.</param>
public sealed record FlowResponse(
    string Name,
    string Description,
    int Revision,
    string? PublishedAlias,
    int? PublishedRevision,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    FlowGraph? Graph);
