using AiFactory.Contracts;
using AiFactory.Contracts.Library;

namespace AiFactory.ModelLibrary.Scanning.Gguf;

/// <summary>Scans a GGUF file: its structure first, then what it says of itself.</summary>
internal sealed class GgufScanner(GgufLimits limits)
{
    private const string ChatTemplate = "tokenizer.chat_template";

    internal async Task<ScanReport> ScanAsync(Stream stream, long length, CancellationToken cancellationToken)
    {
        GgufFile file;
        try
        {
            file = await new GgufParser(limits).ParseAsync(stream, length, cancellationToken);
        }
        catch (GgufFormatException error)
        {
            return new ScanReport(null, [new ScanFinding("malformed", error.Offset, error.Reason)]);
        }

        ScanFinding[] findings =
        [
            .. GgufArchitectureRules.Check(file),
            .. GgufTokenizerRules.Check(file),
            .. file.Metadata
                .Where(entry => entry.Key.StartsWith(ChatTemplate, StringComparison.Ordinal))
                .SelectMany(entry => entry.Value is GgufValue.Text text ? ChatTemplateRules.Check(entry.Key, text.Offset, text.Value) : []),
        ];
        return new ScanReport(findings.Length == 0 ? Describe(file) : null, findings);
    }

    private static ModelMetadata Describe(GgufFile file)
    {
        var architecture = GgufArchitectureRules.Architecture(file) ?? "unknown";
        return new ModelMetadata(
            Format: "gguf",
            architecture,
            TaskOf(file, architecture),
            Quantization(file),
            Parameters: file.Tensors.Sum(tensor => tensor.Elements),
            ContextLength: Count(file, $"{architecture}.context_length"),
            EmbeddingLength: Count(file, $"{architecture}.embedding_length"),
            Layers: Count(file, $"{architecture}.block_count"),
            VocabularySize: (int)(file.Sequence("tokenizer.ggml.tokens")?.Count ?? 0),
            License: file.Text("general.license"),
            HasChatTemplate: file.Metadata.ContainsKey(ChatTemplate));
    }

    private static int Count(GgufFile file, string key) => (int)Math.Min(int.MaxValue, file.Integer(key) ?? 0);

    /// <summary>What names the pooling 4 ranks. Else encoders embed; so does a decoder that names a pooling (1 mean, 2 CLS, 3 last).</summary>
    private static string TaskOf(GgufFile file, string architecture) =>
        file.Integer($"{architecture}.pooling_type") is 4 ? ModelTasks.Rerank
        : architecture.Contains("bert", StringComparison.Ordinal) || architecture is "t5encoder" or "gemma-embedding" || file.Integer($"{architecture}.pooling_type") is 1 or 2 or 3
            ? ModelTasks.Embedding
        : ModelTasks.Chat;

    /// <summary>The type that holds most of the weights.</summary>
    private static string? Quantization(GgufFile file) => file.Tensors
        .GroupBy(tensor => tensor.Type.Name)
        .OrderByDescending(group => group.Sum(tensor => (double)tensor.Elements))
        .ThenBy(group => group.Key, StringComparer.Ordinal)
        .FirstOrDefault()?.Key;
}
