using AiFactory.Contracts.Builder.Threads;

namespace AiFactory.Builder.Threads;

internal sealed record ThreadAnswer(string Text, Guid? RunId = null, IReadOnlyList<ThreadPassage>? Passages = null);
