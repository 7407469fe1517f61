using AiFactory.Inference.Tests.Worker;

namespace AiFactory.Inference.Tests.Fleet;

/// <summary>Tests of a worker that has a library of its own, and stops and starts again on its node.</summary>
public abstract class RestartTestBase : IAsyncLifetime
{
    private protected FakeLibrary Library { get; private set; } = null!; // Set before any test runs.

    private protected WorkerProcess Worker { get; private set; } = null!; // Likewise.

    public async ValueTask InitializeAsync()
    {
        Library = await FakeLibrary.StartAsync();
        Worker = await WorkerProcess.StartAsync(Library);
    }

    public async ValueTask DisposeAsync()
    {
        await Worker.DisposeAsync();
        await Library.DisposeAsync();
        Directory.Delete(Worker.Directory, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected async Task RestartAsync(Action? meanwhile = null)
    {
        await Worker.DisposeAsync();
        meanwhile?.Invoke();
        Library.Heartbeats.Clear();
        Worker = await WorkerProcess.StartAsync(Library, Worker.Directory);
    }
}
