using System.Globalization;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Native;

namespace AiFactory.Inference.Probe;

/// <summary>What a model is reckoned to take, and what the process grew by when it was loaded and had computed one full batch for every slot.</summary>
internal static class Memory
{
    public static int Run(string path, bool isEncoder, int context, int slots)
    {
        const int Batch = 512;
        var options = isEncoder
            ? new LlamaContextOptions(Batch, Batch, Batch, 64, 1, 0, Embeddings: true, UnifiedCache: true)
            : new LlamaContextOptions(context * slots, Batch, Batch, slots, 1, 0, Embeddings: false, UnifiedCache: false, Outputs: slots);

        // Once before, so that what llama.cpp and .NET take for the first time is not counted as the model's.
        LlamaMemory.Measure([path], _ => options);
        var need = LlamaMemory.Measure([path], _ => options);
        NativeHeap.Trim();
        var before = Resident();
        using var model = LlamaModel.Open(path);
        var loaded = Resident() - before;
        using var opened = LlamaContext.Open(model, options);
        var made = Resident() - before;
        var batch = new LlamaBatchBuffer(Batch);
        for (var (sequence, token) = (0, 0); sequence < (isEncoder ? 1 : slots); sequence++)
        {
            for (var position = 0; position + Batch <= (isEncoder ? Batch : context); position += Batch)
            {
                batch.Clear();
                for (var index = 0; index < Batch; index++)
                {
                    // Every row of the table of tokens is read in its turn.
                    batch.Add(token = (token + 1) % model.VocabularySize, position + index, sequence, isEncoder || index == Batch - 1);
                }

                opened.Decode(batch);
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{need.Total + (isEncoder ? EmbeddingLogits(model) : 0)} {Resident() - before} {need.Weights} {need.Cache} {need.Computing} {need.Outputs + (isEncoder ? EmbeddingLogits(model) : 0)} {loaded} {made}"));
        return 0;
    }

    private static long EmbeddingLogits(LlamaModel model) => EmbeddingEngine.LogitsBytesPerToken(model) * 512;

    /// <summary><c>VmRSS:     12345 kB</c>.</summary>
    private static long Resident()
    {
        GC.Collect();
        var line = File.ReadLines("/proc/self/status").First(row => row.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
