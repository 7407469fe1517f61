namespace AiFactory.Contracts.Library;

/// <param name="Decision"><c>approve</c> or <c>reject</c>.</param>
public sealed record ApprovalRequest(string Decision, string? Comment);
