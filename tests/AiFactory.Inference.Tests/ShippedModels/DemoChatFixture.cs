using AiFactory.Inference.Tests.Worker;
using AiFactory.Testing;

namespace AiFactory.Inference.Tests.ShippedModels;

/// <summary>A worker that serves the chat model of the repository, as the factory does.</summary>
public sealed class DemoChatFixture : IAsyncLifetime
{
    public const string Model = "demo-chat";

    private WorkerProcess? _worker;

    internal WorkerProcess Worker => _worker ?? throw new InvalidOperationException("The worker has not started.");

    public async ValueTask InitializeAsync()
    {
        _worker = await WorkerProcess.StartAsync();
        await _worker.AssignAsync(_worker.Store(Path.Combine(RepositoryFolder.Root, "models", "demo-chat.gguf"), Model));
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
