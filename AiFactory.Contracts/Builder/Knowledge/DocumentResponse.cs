namespace AiFactory.Contracts.Builder.Knowledge;

/// <param name="Size">Bytes.</param>
/// <param name="Digest"><c>sha256:</c> and 64 digits of lower-case hex.</param>
/// <param name="State">One of <see cref="DocumentStates"/>.</param>
/// <param name="Error">Why it failed; or, while it goes on, why the last attempt came to nothing.</param>
/// <param name="Chunks">Passages; 0 until it is parsed.</param>
/// <param name="Embedded">Passages that have their embedding.</param>
public sealed record DocumentResponse(
    Guid Id,
    string Name,
    string ContentType,
    long Size,
    string Digest,
    string State,
    string? Error,
    int Chunks,
    int Embedded,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt);
