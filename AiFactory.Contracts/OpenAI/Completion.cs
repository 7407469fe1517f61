namespace AiFactory.Contracts.OpenAI;

/// <summary>A completion, or one event of a streamed one.</summary>
/// <param name="Object"><c>text_completion</c>.</param>
/// <param name="Created">Seconds since 1970.</param>
public sealed record Completion(
    string Id,
    string Object,
    long Created,
    string Model,
    IReadOnlyList<CompletionChoice> Choices,
    string? SystemFingerprint,
    Usage? Usage = null);
