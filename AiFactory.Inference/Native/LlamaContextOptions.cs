namespace AiFactory.Inference.Native;

/// <param name="ContextLength">Tokens of the whole cache: those of one sequence times the sequences, unless the cache is unified.</param>
/// <param name="Poll">See <see cref="LlamaThreads.Open"/>.</param>
/// <param name="UnifiedCache">Whether all sequences share one stream of cells.</param>
/// <param name="Outputs">Tokens of one batch that may have an output: room for a row of the vocabulary is made for each, 65 MB for a batch of 512 and 32,000 tokens. 0 for all of them.</param>
internal sealed record LlamaContextOptions(
    int ContextLength,
    int BatchSize,
    int PhysicalBatchSize,
    int Sequences,
    int Threads,
    int Poll,
    bool Embeddings,
    bool UnifiedCache,
    int Outputs = 0);
