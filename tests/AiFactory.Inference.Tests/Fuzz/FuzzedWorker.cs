using AiFactory.Contracts;
using AiFactory.Inference.Tests.Worker;

namespace AiFactory.Inference.Tests.Fuzz;

/// <summary>A worker whose contexts are small: a body that lost its bound is answered soon too.</summary>
public sealed class FuzzedWorker(GeneratedModels models) : IAsyncLifetime
{
    private WorkerProcess? _worker;

    internal WorkerProcess Worker => _worker ?? throw new InvalidOperationException("The worker has not started.");

    public async ValueTask InitializeAsync()
    {
        _worker = await WorkerProcess.StartAsync();
        await _worker.AssignAsync(
            _worker.Store(models.Endless, "endless", contextLength: 128, slots: 8),
            _worker.Store(models.Tools, "tools", contextLength: 512, slots: 8),
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
