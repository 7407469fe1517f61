using AiFactory.Inference.Engine;
using AiFactory.Inference.Native;

namespace AiFactory.Inference.Serving;

/// <summary>What a deployment will take, before any of it is taken.</summary>
internal static class MemoryEstimate
{
    /// <exception cref="LlamaException">It cannot fit, whatever the model is, or llama.cpp refuses it.</exception>
    public static LlamaMemory Of(bool isPooled, IReadOnlyList<string> paths, EngineShape shape, MemoryBudget budget)
    {
        if (shape.ContextLength < 1 || shape.Slots < 1)
        {
            throw new LlamaException($"A context of {shape.ContextLength} tokens in {shape.Slots} slots is none: both must be at least 1.");
        }

        // Even to reckon with so many cells takes memory.
        var cells = (long)shape.ContextLength * shape.Slots;
        budget.Reserve(cells > int.MaxValue ? long.MaxValue : cells * 64, () => $"{shape.ContextLength} tokens of context x {shape.Slots} slots are {cells} tokens").Dispose();
        if (!isPooled)
        {
            return LlamaMemory.Measure(paths, _ => GenerationEngine.ContextOptions(shape));
        }

        var logits = 0L;
        var memory = LlamaMemory.Measure(paths, model =>
        {
            // Its outputs grow, with the longest text, to a row of the vocabulary for each token of it.
            var options = EmbeddingEngine.ContextOptions(shape);
            logits = EmbeddingEngine.LogitsBytesPerToken(model) * options.BatchSize;
            return options;
        });
        return memory with { Outputs = memory.Outputs + logits };
    }

    public static string Describe(LlamaMemory memory, EngineShape shape) =>
        $"{memory.Weights} bytes of weights, {memory.Cache} of cache for {shape.ContextLength} tokens x {shape.Slots} slots, {memory.Computing} for computing and {memory.Outputs} of outputs are {memory.Total} bytes";
}
