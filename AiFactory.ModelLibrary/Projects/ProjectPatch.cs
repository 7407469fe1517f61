namespace AiFactory.ModelLibrary.Projects;

/// <summary>What may change of a project; null leaves as is.</summary>
internal sealed record ProjectPatch(string? DisplayName, string? ApprovalPolicy);
