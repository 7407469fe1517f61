namespace AiFactory.Contracts.Builder.Flows;

/// <param name="Template"><c>chat-over-documents</c> or <c>blank</c> (when null).</param>
/// <param name="KnowledgeBase">For the template: where it searches.</param>
/// <param name="Model">For the template: which model answers; <c>demo-chat</c> when null.</param>
public sealed record FlowRequest(string Name, string? Description, string? Template, string? KnowledgeBase, string? Model);
