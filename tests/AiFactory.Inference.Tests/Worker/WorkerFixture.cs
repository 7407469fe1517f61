using AiFactory.Contracts;
using AiFactory.Contracts.Workers;

namespace AiFactory.Inference.Tests.Worker;

/// <summary>One worker with the generated models.</summary>
public sealed class WorkerFixture(GeneratedModels models) : IAsyncLifetime
{
    private WorkerProcess? _worker;

    internal WorkerProcess Worker => _worker ?? throw new InvalidOperationException("The worker has not started.");

    internal ModelAssignment Chat { get; private set; } = null!; // Set before any test runs.

    /// <summary>The file of the model <c>tools</c>.</summary>
    internal string ToolsPath { get; } = models.Tools;

    public async ValueTask InitializeAsync()
    {
        _worker = await WorkerProcess.StartAsync();
        Chat = _worker.Store(models.Chat, "chat");
        await _worker.AssignAsync(
            Chat,
            _worker.Store(models.Endless, "endless", contextLength: 512),
            _worker.Store(models.Tools, "tools", contextLength: 1024),
            _worker.Store(models.Thinking, "thinking", contextLength: 512),
            _worker.Store(models.EndlessBytes, "bytes", contextLength: 512),
            _worker.Store(models.Embedding, "embed", ModelTasks.Embedding),
            _worker.Store(models.Ranker, "rank", ModelTasks.Rerank));
    }

    public async ValueTask DisposeAsync()
    {
        if (_worker is { } worker)
        {
            await worker.DisposeAsync();
            await worker.Library.DisposeAsync();
            Directory.Delete(worker.Directory, recursive: true);
        }
    }
}
