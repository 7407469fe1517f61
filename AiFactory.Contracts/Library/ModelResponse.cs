namespace AiFactory.Contracts.Library;

/// <summary>A model of a project with its newest version first.</summary>
public sealed record ModelResponse(string Project, string Name, DateTimeOffset CreatedAt, IReadOnlyList<ModelVersionResponse> Versions);
