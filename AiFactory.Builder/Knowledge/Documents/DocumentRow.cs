using AiFactory.Contracts.Builder.Knowledge;

namespace AiFactory.Builder.Knowledge.Documents;

internal sealed record DocumentRow
{
    public required Guid Id { get; init; }

    public required Guid BaseId { get; init; }

    public required string Name { get; init; }

    public required string ContentType { get; init; }

    public string? Charset { get; init; }

    public required long Size { get; init; }

    public required string Digest { get; init; }

    /// <summary>Below it lie the document and its text; another one for each upload.</summary>
    public required string ObjectPrefix { get; init; }

    /// <summary>In UTF-16 code units; null until it is parsed.</summary>
    public int? TextLength { get; init; }

    /// <summary>One of <see cref="DocumentStates"/>.</summary>
    public required string State { get; init; }

    public string? Error { get; init; }

    public int Chunks { get; init; }

    public int Embedded { get; init; }

    /// <summary>Attempts in a row that came to nothing.</summary>
    public int Attempts { get; init; }

    /// <summary>Times in a row that whoever worked on it ended without a word.</summary>
    public int Deaths { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    internal string ObjectKey => $"{ObjectPrefix}/document";

    /// <summary>The extracted text in UTF-16, little-endian, so that a part of it is a range of bytes.</summary>
    internal string TextKey => $"{ObjectPrefix}/text";

    internal DocumentResponse ToResponse() => new(Id, Name, ContentType, Size, Digest, State, Error, Chunks, Embedded, CreatedAt, UpdatedAt);
}
