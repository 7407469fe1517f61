using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Contracts;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Tests.Worker;
using AiFactory.Testing;

namespace AiFactory.Inference.Tests.Retrieval;

/// <summary>A worker with <c>models/demo-embed.gguf</c>.</summary>
public sealed class ShippedEmbeddingModel : IAsyncLifetime
{
    private const string Model = "demo-embed";

    private WorkerProcess? _worker;
    private HttpClient? _client;

    private HttpClient Client => _client ?? throw new InvalidOperationException("The worker has not started.");

    public async ValueTask InitializeAsync()
    {
        _worker = await WorkerProcess.StartAsync();
        await _worker.AssignAsync(_worker.Store(Path.Combine(RepositoryFolder.Root, "models", $"{Model}.gguf"), Model, ModelTasks.Embedding));
        _client = _worker.CreateCaller();
    }

    public async Task<IReadOnlyList<float[]>> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        using var response = await Client.PostAsJsonAsync("/v1/embeddings", new { model = Model, input = texts }, cancellationToken);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync(OpenAIJson.Default.EmbeddingsResponse, cancellationToken);
        return [.. answer.ShouldNotBeNull().Data.Select(item => ((JsonElement)item.Embedding).EnumerateArray().Select(number => number.GetSingle()).ToArray())];
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_worker is { } worker)
        {
            await worker.DisposeAsync();
            await worker.Library.DisposeAsync();
            Directory.Delete(worker.Directory, recursive: true);
        }
    }
}
