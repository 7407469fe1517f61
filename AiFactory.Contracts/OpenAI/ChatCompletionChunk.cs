namespace AiFactory.Contracts.OpenAI;

/// <summary>One event of a streamed chat completion.</summary>
/// <param name="Object"><c>chat.completion.chunk</c>.</param>
/// <param name="Usage">In the last chunk only, when it was asked for; that chunk has no choices.</param>
public sealed record ChatCompletionChunk(
    string Id,
    string Object,
    long Created,
    string Model,
    IReadOnlyList<ChatChunkChoice> Choices,
    string? SystemFingerprint,
    Usage? Usage = null);
