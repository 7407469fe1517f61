using AiFactory.Contracts;
using AiFactory.Contracts.Library;

namespace AiFactory.ModelLibrary.Scanning.Gguf;

/// <summary>Scans a model's GGUF files, mostly one: the structure of each first, then what they say of themselves.</summary>
internal sealed class GgufScanner(GgufLimits limits)
{
    private const string ChatTemplate = "tokenizer.chat_template";

    /// <param name="streams">All files of the model, in their order; each is read before the next is asked for, and none behind one that is malformed.</param>
    /// <param name="count">How many they are.</param>
    internal async Task<ScanReport> ScanAsync(IAsyncEnumerable<(Stream Stream, long Length)> streams, int count, CancellationToken cancellationToken)
    {
        var files = new List<GgufFile>();
        var left = limits;
        await foreach (var (stream, length) in streams.WithCancellation(cancellationToken))
        {
            try
            {
                files.Add(await new GgufParser(left).ParseAsync(stream, length, cancellationToken));
                left = left.Behind(files[^1]);
            }
            catch (GgufFormatException error)
            {
                return new ScanReport(null, [new ScanFinding("malformed", error.Offset, error.Reason, count == 1 ? null : files.Count + 1)]);
            }
        }

        var file = GgufSplitRules.Join(files);
        ScanFinding[] findings =
        [
            .. GgufSplitRules.Check(files),
            .. GgufArchitectureRules.Check(file),
            .. GgufTokenizerRules.Check(file),
            .. files.SelectMany((one, index) => CheckTemplates(one).Select(finding => finding with { File = files.Count == 1 ? null : index + 1 })),
        ];
        return new ScanReport(findings.Length == 0 ? Describe(file) : null, findings);
    }

    private static IEnumerable<ScanFinding> CheckTemplates(GgufFile file) => file.Metadata
        .Where(entry => entry.Key.StartsWith(ChatTemplate, StringComparison.Ordinal))
        .SelectMany(entry => entry.Value is GgufValue.Text text ? ChatTemplateRules.Check(entry.Key, text.Offset, text.Value) : []);

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
