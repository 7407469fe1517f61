using AiFactory.Inference.Tests.Worker;

namespace AiFactory.Inference.Tests.Lifecycle;

/// <summary>A worker with the models <c>sleeper</c>, which never ends its turn, and <c>waker</c>: one after the other, for as many tests as take the same settings.</summary>
public sealed class LifecycleWorker(GeneratedModels models) : IAsyncDisposable
{
    private Dictionary<string, string?>? _settings;
    private WorkerProcess? _worker;

    internal WorkerProcess Worker => _worker ?? throw new InvalidOperationException("The worker has not started.");

    internal HttpClient Operator { get; private set; } = null!; // Set with the worker.

    internal HttpClient Developer { get; private set; } = null!; // Likewise.

    /// <summary>The worker was told to stop: the next test needs another.</summary>
    internal bool IsEnding { get; set; }

    internal async Task UseAsync(Dictionary<string, string?> settings)
    {
        if (!IsEnding && _settings is { } now && now.Count == settings.Count && !now.Except(settings).Any())
        {
            return;
        }

        await DisposeAsync();
        _worker = await WorkerProcess.StartAsync(settings: settings);
        (_settings, IsEnding) = (settings, false);
        (Operator, Developer) = (_worker.CreateCaller("operator"), _worker.CreateCaller());
        await _worker.AssignAsync(_worker.Store(models.Endless, "sleeper", contextLength: 2048), _worker.Store(models.Chat, "waker"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_worker is { } worker)
        {
            _worker = null;
            await worker.DisposeAsync();
            await worker.Library.DisposeAsync();
            Directory.Delete(worker.Directory, recursive: true);
        }
    }
}
