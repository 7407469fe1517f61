using System.Collections.Frozen;

namespace AiFactory.ModelLibrary.Scanning.Gguf;

/// <summary>The metadata that a model of an architecture must carry, and that its tensors bear it out.</summary>
internal static class GgufArchitectureRules
{
    private const long Unbounded = 1_000_000_000;

    private static readonly string[] Generic = ["context_length", "embedding_length", "block_count"];
    private static readonly string[] Transformer = [.. Generic, "feed_forward_length", "attention.head_count"];
    private static readonly string[] Decoder = [.. Transformer, "attention.layer_norm_rms_epsilon"];
    private static readonly string[] Encoder = [.. Transformer, "attention.layer_norm_epsilon"];

    /// <summary>Keys without their architecture's prefix. An architecture that is not listed must have the generic ones.</summary>
    private static readonly FrozenDictionary<string, string[]> Required = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["llama"] = Decoder,
        ["qwen2"] = Decoder,
        ["qwen3"] = Decoder,
        ["gemma2"] = Decoder,
        ["gemma3"] = Decoder,
        ["phi3"] = Decoder,
        ["bert"] = Encoder,
        ["nomic-bert"] = Encoder,
        ["jina-bert-v2"] = Encoder,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    internal static string? Architecture(GgufFile file) => file.Text("general.architecture");

    internal static IEnumerable<ScanFinding> Check(GgufFile file)
    {
        if (Architecture(file) is not { Length: > 0 } architecture)
        {
            yield return new ScanFinding("required-key", null, "the required metadata key 'general.architecture' is missing or not a text");
            yield break;
        }

        foreach (var key in Required.GetValueOrDefault(architecture, Generic).Select(key => $"{architecture}.{key}"))
        {
            if (!file.Metadata.TryGetValue(key, out var value))
            {
                yield return new ScanFinding("required-key", null, $"the metadata key '{key}', which architecture {architecture} requires, is missing");
            }
            else if (value is GgufValue.Integer { Value: var number } && (number < 1 || number > Unbounded))
            {
                yield return new ScanFinding("implausible-value", value.Offset, $"'{key}' is {GgufByteReader.Number(number)}");
            }
            else if (value is not (GgufValue.Integer or GgufValue.Real or GgufValue.Sequence))
            {
                yield return new ScanFinding("required-key", value.Offset, $"'{key}' is not a number");
            }
        }

        if (file.Tensors.Count == 0)
        {
            yield return new ScanFinding("no-tensors", null, "the file has no tensors");
            yield break;
        }

        foreach (var finding in CheckTensors(file, architecture))
        {
            yield return finding;
        }
    }

    private static IEnumerable<ScanFinding> CheckTensors(GgufFile file, string architecture)
    {
        if (file.Tensors.FirstOrDefault(tensor => tensor.Name == "token_embd.weight") is not { } embeddings)
        {
            yield return new ScanFinding("missing-tensor", null, "tensor 'token_embd.weight' is missing");
        }
        else if (file.Integer($"{architecture}.embedding_length") is { } width && embeddings.Dimensions[0] != width)
        {
            yield return new ScanFinding(
                "shape-mismatch",
                embeddings.At,
                $"'token_embd.weight' is {embeddings.Dimensions[0]} wide and {architecture}.embedding_length is {width}");
        }

        var blocks = file.Tensors
            .Select(tensor => tensor.Name.Split('.', 3))
            .Where(parts => parts.Length == 3 && parts[0] == "blk" && int.TryParse(parts[1], out _))
            .Select(parts => parts[1])
            .Distinct(StringComparer.Ordinal)
            .Count();
        if (file.Integer($"{architecture}.block_count") is { } layers && layers > blocks)
        {
            yield return new ScanFinding("missing-tensor", null, $"{architecture}.block_count is {layers}, but tensors are there for {blocks} blocks");
        }
    }
}
