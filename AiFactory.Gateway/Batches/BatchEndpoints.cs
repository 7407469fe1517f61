using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Batches;

/// <summary>The routes whose requests a batch can hold.</summary>
internal static class BatchEndpoints
{
    private static readonly Operation[] All = [Operation.ChatCompletion, Operation.Completion, Operation.Embedding, Operation.Response, Operation.Rerank];

    /// <summary>For a sentence that says what can be asked for.</summary>
    public static string Names { get; } = string.Join(", ", All.Select(operation => $"/{operation.Path}"));

    /// <param name="endpoint">For example <c>/v1/embeddings</c>.</param>
    public static Operation? Find(string endpoint) => Array.Find(All, operation => endpoint.Length == operation.Path.Length + 1 && endpoint.EndsWith(operation.Path, StringComparison.Ordinal) && endpoint[0] == '/');
}
