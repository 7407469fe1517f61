using static AiFactory.Inference.Weights.Gguf.GgufBytes;

namespace AiFactory.Inference.Weights.Gguf;

/// <summary>
/// What llama.cpp asserts of a model instead of refusing it: a failed assertion ends the process, and every model in it
/// (https://github.com/ggml-org/llama.cpp/blob/master/src/llama-model.cpp, <c>load_hparams</c>, and the graphs in src/models). What it refuses by itself is left to it,
/// but for the tensors of the usual architectures, which are compared with the sizes that the file states.
/// </summary>
internal static class GgufRules
{
    private static readonly string[] RopeScalings = ["none", "linear", "yarn", "longrope"];

    /// <summary>Types that no multiplication takes: whole numbers, F64, and the two that only hold intermediate results.</summary>
    private static readonly HashSet<uint> NoWeights = [9, 15, 24, 25, 26, 27, 28];

    /// <param name="parts">The files of the model, in their order; the first has the metadata.</param>
    /// <exception cref="GgufException">It would end the process, or is not what it says it is.</exception>
    public static void Check(IReadOnlyList<GgufHeader> parts)
    {
        var first = parts[0];
        var architecture = first.Architecture;
        if (architecture.Length == 0)
        {
            throw new GgufException("'general.architecture' is missing or no text");
        }

        CheckSplit(parts);
        var tensors = new Dictionary<string, GgufTensor>(StringComparer.Ordinal);
        foreach (var tensor in parts.SelectMany(part => part.Tensors))
        {
            if (!tensors.TryAdd(tensor.Name, tensor))
            {
                throw new GgufException($"tensor '{tensor.Name}' is there twice");
            }

            CheckType(tensor);
        }

        var shape = GgufShape.Of(first, architecture);
        CheckNumbers(first, architecture, shape);
        CheckExperts(first, architecture);
        GgufTokenizerRules.Check(first);
        GgufTensorRules.Check(first, architecture, shape, tensors);
    }

    /// <summary>llama.cpp asserts the type of <c>split.no</c> in every file but the first, and takes the count of tensors as the first states it.</summary>
    private static void CheckSplit(IReadOnlyList<GgufHeader> parts)
    {
        if (parts[0].Parts != parts.Count)
        {
            throw new GgufException($"it is one of {parts[0].Parts} files (split.count), {parts.Count} are here");
        }

        for (var index = 0; parts.Count > 1 && index < parts.Count; index++)
        {
            foreach (var (key, wanted) in ((string, GgufValue.Integer)[])
                [
                    ("split.no", new(GgufValueType.UInt16, index)),
                    ("split.count", new(GgufValueType.UInt16, parts.Count)),
                    ("split.tensors.count", new(GgufValueType.Int32, parts.Sum(part => part.Tensors.Count))),
                ])
            {
                var told = parts[index].Metadata.GetValueOrDefault(key);
                if (told != wanted)
                {
                    throw new GgufException($"'{key}' of file {index + 1} must be {wanted.Value} ({wanted.Type}) and {(told is GgufValue.Integer number ? $"is {number.Value} ({number.Type})" : told is null ? "is missing" : "is no number")}");
                }
            }
        }
    }

    private static void CheckNumbers(GgufHeader header, string architecture, GgufShape shape)
    {
        if (shape.Layers is < 1 or > GgufLimits.Layers || shape.Embedding < 1 || shape.Context < 1)
        {
            throw new GgufException($"block_count is {shape.Layers} (1 to {GgufLimits.Layers}), embedding_length {shape.Embedding} and context_length {shape.Context} (at least 1)");
        }

        if ((header.Integer($"{architecture}.nextn_predict_layers") ?? 0) > shape.Layers)
        {
            throw new GgufException("nextn_predict_layers is more than block_count");
        }

        for (var layer = 0; layer < shape.Layers; layer++)
        {
            var (heads, keyValueHeads) = (shape.Heads(layer), shape.KeyValueHeads(layer));
            if (heads is < 0 or > 4096 || keyValueHeads < 0 || keyValueHeads > heads || (keyValueHeads > 0 && heads % keyValueHeads != 0))
            {
                throw new GgufException($"layer {layer} has {heads} heads and {keyValueHeads} of keys and values: the second must divide the first");
            }
        }

        if (shape.Heads(0) > 0 && !GgufHeads.GoTogether(architecture, shape))
        {
            throw new GgufException($"a head has keys of {shape.KeyLength}, values of {shape.ValueLength} and a rotation of {shape.Rotated} numbers, which do not go together");
        }

        foreach (var (key, value) in header.Metadata)
        {
            if (key.StartsWith(architecture + ".", StringComparison.Ordinal) && key.EndsWith("epsilon", StringComparison.Ordinal) && !(value is GgufValue.Real { Value: >= 0 } number && double.IsFinite(number.Value)))
            {
                throw new GgufException($"'{key}' must be a number, 0 or more");
            }
        }

        if (header.Text($"{architecture}.rope.scaling.type") is { } scaling && !RopeScalings.Contains(scaling, StringComparer.Ordinal))
        {
            throw new GgufException($"rope.scaling.type is '{scaling}'; {string.Join(", ", RopeScalings)} are known");
        }

        if (header.Metadata.TryGetValue($"{architecture}.pooling_type", out var pooling) && pooling is not GgufValue.Integer { Value: >= 0 and <= 4 })
        {
            throw new GgufException("pooling_type must lie between 0 and 4");
        }
    }

    private static void CheckExperts(GgufHeader header, string architecture)
    {
        long Value(string key) => header.Integer($"{architecture}.{key}") ?? 0;
        var (experts, groups, groupsUsed) = (Value("expert_count"), Value("expert_group_count"), Value("expert_group_used_count"));
        var used = header.Sequence($"{architecture}.expert_used_count")?.Numbers is { Count: > 0 } each ? each.Max() : Value("expert_used_count");
        var fits = experts == 0
            ? used == 0 && groups == 0
            : experts <= GgufLimits.Experts && used >= 1 && used <= experts && groups < experts && (groups <= 1 || (experts % groups == 0 && groupsUsed >= 1 && groupsUsed < groups));
        if (!fits && architecture is not ("hunyuan-vl" or "hunyuan-dense"))
        {
            throw new GgufException($"expert_count {experts}, expert_used_count {used}, expert_group_count {groups} and expert_group_used_count {groupsUsed} do not go together");
        }
    }

    /// <summary>Norms and biases are added to and multiplied with F32; everything else is multiplied as a matrix. ggml aborts at any other type, while it computes.</summary>
    private static void CheckType(GgufTensor tensor)
    {
        var isVector = tensor.Dimensions.Count == 1 || tensor.Name.EndsWith("_norm.weight", StringComparison.Ordinal) || tensor.Name.EndsWith(".bias", StringComparison.Ordinal) || tensor.Name == "token_types.weight";
        if (isVector && tensor.Type != 0 && !tensor.Name.Contains("tid2eid", StringComparison.Ordinal))
        {
            throw new GgufException($"tensor '{tensor.Name}' of {string.Join(" x ", tensor.Dimensions.Select(dimension => Number(dimension)))} must be F32");
        }

        if (!isVector && NoWeights.Contains(tensor.Type) && !tensor.Name.Contains("tid2eid", StringComparison.Ordinal))
        {
            throw new GgufException($"tensor '{tensor.Name}' has a type ({tensor.Type}) that no weights have");
        }
    }
}
