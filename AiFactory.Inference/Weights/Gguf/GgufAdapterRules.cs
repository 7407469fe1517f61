using static AiFactory.Inference.Weights.Gguf.GgufBytes;

namespace AiFactory.Inference.Weights.Gguf;

/// <summary>
/// A LoRA adapter beside the model that it is for. llama.cpp compares the first two sizes of each pair when it loads them
/// (https://github.com/ggml-org/llama.cpp/blob/master/src/llama-adapter.cpp) and asserts all the rest, while it reads the metadata and while it computes: a failed assertion ends the process.
/// </summary>
internal static class GgufAdapterRules
{
    /// <summary>Beyond it the two matrices are no smaller than what they adapt.</summary>
    public const int LargestRank = 1024;

    private const string A = ".lora_a";
    private const string B = ".lora_b";
    private const string TokenTable = "token_embd.weight";
    private const uint Nvfp4 = 40;

    /// <summary>F32, F16, Q8_0, BF16: what convert_lora_to_gguf.py writes.</summary>
    private static readonly HashSet<uint> Types = [0, 1, 8, 30];

    /// <param name="basis">The files of the model, in their order.</param>
    /// <exception cref="GgufException">It is no adapter, or none of this model.</exception>
    public static void Check(GgufHeader adapter, IReadOnlyList<GgufHeader> basis)
    {
        CheckMetadata(adapter, basis[0]);
        var model = basis.SelectMany(part => part.Tensors).ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        var pairs = new Dictionary<string, (GgufTensor? A, GgufTensor? B)>(StringComparer.Ordinal);
        foreach (var tensor in adapter.Tensors)
        {
            if (!tensor.Name.EndsWith(A, StringComparison.Ordinal) && !tensor.Name.EndsWith(B, StringComparison.Ordinal))
            {
                throw new GgufException($"tensor '{tensor.Name}' is none of a LoRA adapter, whose names end in {A} and {B}: other changes to a model (norms, biases, whole matrices) are not applied");
            }

            if (!Types.Contains(tensor.Type))
            {
                throw new GgufException($"tensor '{tensor.Name}' has the type {tensor.Type}; an adapter's are F32, F16, BF16 or Q8_0");
            }

            var isA = tensor.Name.EndsWith(A, StringComparison.Ordinal);
            var name = tensor.Name[..^A.Length];
            var pair = pairs.GetValueOrDefault(name);
            pairs[name] = isA ? (tensor, pair.B) : (pair.A, tensor);
        }

        if (pairs.Count == 0)
        {
            throw new GgufException("it has no tensors: it changes nothing");
        }

        foreach (var (name, pair) in pairs)
        {
            CheckPair(name, pair.A, pair.B, model, Describe(basis[0]));
        }
    }

    /// <summary>What an adapter says that it was made for; null when it says nothing.</summary>
    public static string? BaseName(GgufHeader adapter) => adapter.Text("general.base_model.0.name") ?? adapter.Text("general.basename");

    /// <summary>Bytes that it takes in memory, at most: its tensors, and what a batch needs between them.</summary>
    public static long MemoryOf(GgufHeader adapter, int batch) =>
        adapter.Tensors.Sum(tensor => tensor.Size) + adapter.Tensors.Select(tensor => tensor.Dimension(0) + tensor.Dimension(1)).DefaultIfEmpty().Max() * batch * sizeof(float);

    private static void CheckMetadata(GgufHeader adapter, GgufHeader model)
    {
        if (adapter.Text("general.type") != "adapter")
        {
            throw new GgufException(adapter.Metadata.ContainsKey("tokenizer.ggml.model")
                ? "it is a model, not an adapter: general.type is not 'adapter'"
                : "it is no adapter: general.type is not 'adapter'");
        }

        if (adapter.Text("adapter.type") != "lora")
        {
            throw new GgufException($"adapter.type is '{adapter.Text("adapter.type")}'; 'lora' is known");
        }

        if (adapter.Architecture != model.Architecture || adapter.Architecture.Length == 0)
        {
            var says = BaseName(adapter) is { } name ? $" and was made for '{name}'" : "";
            throw new GgufException($"it is for models of the architecture '{adapter.Architecture}'{says}; {Describe(model)} has the architecture '{model.Architecture}'");
        }

        if (adapter.Metadata.TryGetValue("adapter.lora.alpha", out var alpha) && !(alpha is GgufValue.Real { Value: var value, IsSingle: true } && double.IsFinite(value)))
        {
            throw new GgufException("'adapter.lora.alpha' must be a number (float32)");
        }

        if (adapter.Metadata.ContainsKey("adapter.alora.invocation_tokens"))
        {
            throw new GgufException("it is an activated adapter (aLoRA), which begins in the middle of a prompt: these are not known");
        }

        if (adapter.Parts != 1)
        {
            throw new GgufException($"it is one of {adapter.Parts} files (split.count); an adapter is one");
        }
    }

    private static void CheckPair(string name, GgufTensor? a, GgufTensor? b, Dictionary<string, GgufTensor> model, string basis)
    {
        if (a is null || b is null)
        {
            throw new GgufException($"'{name}' has {(a is null ? B : A)} and no {(a is null ? A : B)}");
        }

        if (!model.TryGetValue(name, out var adapted))
        {
            throw new GgufException($"{basis} has no tensor '{name}': the adapter was made for another");
        }

        if (adapted.Dimensions.Count < 2 || adapted.Dimension(1) == 1 || adapted.Type == Nvfp4)
        {
            throw new GgufException($"'{name}' of {basis} is {(adapted.Type == Nvfp4 ? "packed as NVFP4" : "no matrix")}: it cannot be adapted");
        }

        // Of the table of tokens, which is looked up and not multiplied, they are the other way round: A [rank, tokens], B [rank, width].
        var isTable = name.EndsWith(TokenTable, StringComparison.Ordinal);
        if (isTable && !model.ContainsKey("output.weight"))
        {
            throw new GgufException($"'{name}' of {basis} is also its output: llama.cpp cannot adapt it");
        }

        var rank = b.Dimension(0);
        long[] first = isTable ? [rank, adapted.Dimension(1)] : [adapted.Dimension(0), rank];
        long[] second = isTable ? [rank, adapted.Dimension(0)] : [rank, adapted.Dimension(1)];
        if (rank > LargestRank)
        {
            throw new GgufException($"'{name}' has the rank {Number(rank)}; {LargestRank} is the most");
        }

        Expect(a, [.. first, adapted.Dimension(2), adapted.Dimension(3)], basis, rank);
        Expect(b, [.. second, adapted.Dimension(2), adapted.Dimension(3)], basis, rank);
    }

    private static void Expect(GgufTensor tensor, long[] shape, string basis, long rank)
    {
        if (Enumerable.Range(0, shape.Length).Any(index => tensor.Dimension(index) != shape[index]))
        {
            throw new GgufException(
                $"tensor '{tensor.Name}' is {Join(tensor.Dimensions)}, for {basis} and the rank {Number(rank)} it would be {Join(shape.AsSpan().TrimEnd(1).ToArray())}: the adapter was made for another model, or is damaged");
        }
    }

    private static string Join(IEnumerable<long> dimensions) => string.Join(" x ", dimensions.Select(dimension => Number(dimension)));

    private static string Describe(GgufHeader model) => model.Text("general.name") is { Length: > 0 } name ? $"the model '{name}'" : "the model";
}
