namespace AiFactory.Contracts.Builder.Threads;

/// <param name="Start">Where it begins in the document's text, in UTF-16 code units.</param>
public sealed record ThreadPassage(string? KnowledgeBase, Guid DocumentId, string DocumentName, int Start, int End, string Text);
