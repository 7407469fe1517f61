namespace AiFactory.Contracts.Library;

public sealed record ProjectResponse(string Name, string DisplayName, string ApprovalPolicy, DateTimeOffset CreatedAt);
