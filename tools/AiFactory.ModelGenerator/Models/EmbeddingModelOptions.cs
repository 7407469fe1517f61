namespace AiFactory.ModelGenerator.Models;

/// <summary>The shape of a generated embedding model.</summary>
public sealed record EmbeddingModelOptions
{
    public string Name { get; init; } = "demo-embed";
    public int Width { get; init; } = 128;
    public int Layers { get; init; } = 2;
    public int Heads { get; init; } = 4;
    public int FeedForward { get; init; } = 256;
    public int ContextLength { get; init; } = 512;

    /// <summary>How a text's tokens become one value: 1 the mean, 2 the first token, 4 the rank of a query and a document, by <see cref="EmbeddingModel.RankHead"/>.</summary>
    public uint Pooling { get; init; } = 1;

    public ulong Seed { get; init; } = 3;
}
