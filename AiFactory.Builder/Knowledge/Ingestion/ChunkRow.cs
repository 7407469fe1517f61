namespace AiFactory.Builder.Knowledge.Ingestion;

internal sealed record ChunkRow
{
    public required int Ordinal { get; init; }

    public required string Heading { get; init; }

    public required string Text { get; init; }

    /// <summary>What is embedded: the titles above a passage say what it speaks of.</summary>
    internal string Input => Heading.Length > 0 ? $"{Heading}\n{Text}" : Text;
}
