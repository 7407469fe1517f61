using AiFactory.Contracts.Builder.Threads;

namespace AiFactory.Builder.Threads;

internal sealed record ThreadAnswer(string Text, Guid? RunId = null, IReadOnlyList<ThreadPassage>? Passages = null)
{
    /// <summary>The calls of tools that were made for it.</summary>
    internal IReadOnlyList<ThreadStep> Steps { get; init; } = [];
}
