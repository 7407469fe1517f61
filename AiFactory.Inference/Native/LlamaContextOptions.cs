namespace AiFactory.Inference.Native;

/// <param name="ContextLength">Tokens of the whole cache: those of one sequence times the sequences, unless the cache is unified.</param>
/// <param name="Poll">See <see cref="LlamaThreads.Open"/>.</param>
/// <param name="UnifiedCache">Whether all sequences share one stream of cells.</param>
internal sealed record LlamaContextOptions(
    int ContextLength,
    int BatchSize,
    int PhysicalBatchSize,
    int Sequences,
    int Threads,
    int Poll,
    bool Embeddings,
    bool UnifiedCache);
