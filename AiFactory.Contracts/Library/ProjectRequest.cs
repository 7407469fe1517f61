namespace AiFactory.Contracts.Library;

/// <param name="Name">Lower-case letters, digits and <c>-</c>, 1 to 40; the namespace's name on a cluster.</param>
/// <param name="ApprovalPolicy"><c>single</c>: anyone with the permission approves. <c>second-person</c>: never the version's author.</param>
public sealed record ProjectRequest(string Name, string? DisplayName, string? ApprovalPolicy);
