namespace AiFactory.Contracts.OpenAI;

/// <param name="Object"><c>chat.completion</c>.</param>
/// <param name="Created">Seconds since 1970.</param>
public sealed record ChatCompletion(
    string Id,
    string Object,
    long Created,
    string Model,
    IReadOnlyList<ChatChoice> Choices,
    Usage? Usage,
    string? SystemFingerprint);
