using AiFactory.Contracts.Workers;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Weights;

namespace AiFactory.Inference.Serving;

/// <summary>What serves a deployment: an engine in this process, or one in a process of its own. Who uses it holds it.</summary>
internal abstract class DeployedModel(ModelAssignment assignment, WeightsLease lease, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _unused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WeightsLease? _lease = lease;
    private int _uses;
    private bool _retired;

    public ModelAssignment Assignment { get; } = assignment;

    public DateTimeOffset LoadedAt { get; } = time.GetUtcNow();

    public IReadOnlyList<WeightsLease.File> Files { get; } = lease.Files;

    /// <summary>Tokens for one request.</summary>
    public abstract int ContextLength { get; }

    public abstract long MemoryBytes { get; }

    /// <summary>Only a model that generates has them.</summary>
    public abstract IModelAdapters? Adapters { get; }

    /// <summary>How long the engine's step has taken that computes now; zero between steps.</summary>
    public abstract TimeSpan CurrentStep { get; }

    /// <summary>What it has to do; of a process of its own what that told last, at most a second ago.</summary>
    public abstract EngineLoad CurrentLoad { get; }

    /// <summary>Completes when the engine has ended; faulted when it died of a bug.</summary>
    public abstract Task Ended { get; }

    /// <summary>Completes when it is retired and nobody holds it any more.</summary>
    protected Task Unused => _unused.Task;

    protected TimeProvider Time => time;

    /// <summary>Holds the model for a request; null when it is being unloaded, and another may serve in its place.</summary>
    public ModelUse? TryUse()
    {
        lock (_lock)
        {
            if (_retired)
            {
                return null;
            }

            _uses++;
            return new ModelUse(this, Release);
        }
    }

    /// <summary>The files stay held when the model is unloaded: who takes them before lets them go after. Null when they were taken.</summary>
    public WeightsLease? TakeFiles() => Interlocked.Exchange(ref _lease, null);

    /// <summary>What runs ends, or is ended when the grace is over; then the memory is free.</summary>
    public abstract Task UnloadAsync(TimeSpan grace);

    /// <summary>Nobody finds it any more.</summary>
    protected void Retire()
    {
        lock (_lock)
        {
            _retired = true;
            if (_uses == 0)
            {
                _unused.TrySetResult();
            }
        }
    }

    /// <summary>Those who hold it may let it go within the grace.</summary>
    /// <returns>What is left of the grace.</returns>
    protected async Task<TimeSpan> RetireAsync(TimeSpan grace)
    {
        var began = time.GetTimestamp();
        Retire();
        await _unused.Task.WaitAsync(grace, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var left = grace - time.GetElapsedTime(began);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    protected void LetFilesGo() => TakeFiles()?.Dispose();

    private void Release()
    {
        lock (_lock)
        {
            if (--_uses == 0 && _retired)
            {
                _unused.TrySetResult();
            }
        }
    }
}
