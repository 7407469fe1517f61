namespace AiFactory.Contracts.Builder.Threads;

/// <param name="Role"><c>user</c> or <c>assistant</c>.</param>
/// <param name="RunId">The run that gave the answer, when a flow did.</param>
/// <param name="Passages">What the answer could rest on: <c>[1]</c> in it is the first.</param>
/// <param name="Steps">The calls of tools that it was made with, in their order; a flow's steps are in its run.</param>
public sealed record ThreadMessageResponse(
    Guid Id, string Role, string Content, Guid? RunId, IReadOnlyList<ThreadPassage>? Passages, DateTimeOffset CreatedAt, IReadOnlyList<ThreadStep>? Steps = null);
