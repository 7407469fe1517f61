using System.Globalization;
using System.Text.RegularExpressions;

namespace AiFactory.Inference.Native;

/// <summary>What a model and a context of it take, in bytes, as llama.cpp itself reckons it before it allocates anything (<c>no_alloc</c>): right for every architecture that it knows.</summary>
/// <param name="Cache">Keys and values, or states, of all sequences.</param>
/// <param name="Computing">Buffers of one batch.</param>
internal sealed partial record LlamaMemory(long Weights, long Cache, long Computing, long Outputs)
{
    /// <summary>A position, its shift and which of 256 sequences it belongs to: llama.cpp keeps these beside the cache.</summary>
    private const int BytesOfCell = 56;

    /// <summary>What llama.cpp does not tell: descriptions of graphs, work buffers, and the heap's own. Measured, and much alike for all models.</summary>
    private const long OwnBytes = 8_000_000;

    /// <summary>A token's text in two tables. Measured.</summary>
    private const long BytesOfToken = 230;

    public long Total => Weights + Cache + Computing + Outputs;

    /// <summary>
    /// 1. Open the model and a context of it, without memory. 2. Read what llama.cpp says:
    /// <code>
    /// llama_kv_cache: size =    8.00 MiB (  2048 cells,   4 layers,  4/4 seqs), K (f16):    4.00 MiB, V (f16):    4.00 MiB
    /// llama_memory_recurrent: size =  0.50 MiB (     4 cells,   2 layers,  4 seqs  0 rs_seq), R (f32): ...
    /// sched_reserve:        CPU compute buffer size =    66.00 MiB
    /// llama_context:        CPU  output buffer size =     0.02 MiB
    /// </code>
    /// </summary>
    /// <exception cref="LlamaException">llama.cpp refuses the file or the context.</exception>
    public static LlamaMemory Measure(IReadOnlyList<string> paths, Func<LlamaModel, LlamaContextOptions> options)
    {
        using var model = LlamaModel.Open(paths, measure: true);
        var all = options(model);
        var memory = Measure(model, all);
        if (all.UnifiedCache || all.Sequences == 1)
        {
            return memory;
        }

        // llama.cpp reckons with a batch that all sequences share; one sequence's own prompt may take more, and then it grows.
        var alone = Measure(model, all with { Sequences = 1, ContextLength = all.ContextLength / all.Sequences, Outputs = Math.Min(all.Outputs, 1) });
        return memory with { Computing = Math.Max(memory.Computing, alone.Computing) };
    }

    private static LlamaMemory Measure(LlamaModel model, LlamaContextOptions options)
    {
        LlamaLog.BeginCapture();
        IReadOnlyList<string> lines;
        try
        {
            using var context = LlamaContext.Open(model, options);
        }
        finally
        {
            lines = LlamaLog.EndCapture();
        }

        var (cache, computing, outputs) = (0.0, 0.0, 0.0);
        foreach (var line in lines)
        {
            if (CacheLine().Match(line) is { Success: true } cells)
            {
                cache += Bytes(cells.Groups["size"]) + (BytesOfCell * Number(cells.Groups["cells"]) * (cells.Groups["streams"].Success ? Number(cells.Groups["streams"]) : 1));
            }
            else if (BufferLine().Match(line) is { Success: true } buffer)
            {
                (computing, outputs) = buffer.Groups["kind"].Value == "compute" ? (computing + Bytes(buffer.Groups["size"]), outputs) : (computing, outputs + Bytes(buffer.Groups["size"]));
            }
        }

        // A context without a line of its computing buffers would say that it takes none: then another release speaks, and the probe of the layouts has not told.
        return computing > 0
            ? new LlamaMemory(model.SizeBytes, (long)cache, (long)computing + OwnBytes + (BytesOfToken * model.VocabularySize), (long)outputs)
            : throw new LlamaException("llama.cpp did not say what the model takes.");
    }

    private static double Number(Group group) => double.Parse(group.ValueSpan, CultureInfo.InvariantCulture);

    private static double Bytes(Group group) => Number(group) * (1 << 20);

    [GeneratedRegex(@"\bsize = +(?<size>[0-9.]+) MiB \( *(?<cells>[0-9]+) cells, .*?(?:/(?<streams>[0-9]+))? seqs", RegexOptions.CultureInvariant)]
    private static partial Regex CacheLine();

    [GeneratedRegex(@"\b(?<kind>compute|output) buffer size = +(?<size>[0-9.]+) MiB", RegexOptions.CultureInvariant)]
    private static partial Regex BufferLine();
}
