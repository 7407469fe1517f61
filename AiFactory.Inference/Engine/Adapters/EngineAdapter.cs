using AiFactory.Inference.Native;

namespace AiFactory.Inference.Engine.Adapters;

/// <summary>An adapter that an engine holds, and who uses it.</summary>
/// <param name="number">Of each that is loaded another, also where it takes the name of one that left.</param>
internal sealed class EngineAdapter(string name, long number, LlamaAdapter weights)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _unused;
    private int _requests;
    private int _running;

    public string Name { get; } = name;

    /// <summary>Only the engine's thread touches it.</summary>
    public LlamaAdapter Weights { get; } = weights;

    public int Running => Volatile.Read(ref _running);

    /// <summary>Requests in the queue.</summary>
    public int Waiting => Math.Max(0, Volatile.Read(ref _requests) - Volatile.Read(ref _running));

    /// <summary>A tenant's name beside this adapter: no name of a project has the character between them, and no other adapter the number.</summary>
    public string TenantOf(string? tenant) => $"{number}\0{(tenant is null ? "" : $"\0{tenant}")}";

    /// <returns>False when it is leaving; else <see cref="Release"/> is owed.</returns>
    public bool TryUse()
    {
        lock (_gate)
        {
            if (_unused is not null)
            {
                return false;
            }

            _requests++;
            return true;
        }
    }

    /// <summary>One of its requests has a slot.</summary>
    public void Start() => Interlocked.Increment(ref _running);

    public void Release(bool hadStarted)
    {
        if (hadStarted)
        {
            Interlocked.Decrement(ref _running);
        }

        lock (_gate)
        {
            if (--_requests == 0)
            {
                _unused?.TrySetResult();
            }
        }
    }

    /// <summary>Takes no request any more.</summary>
    /// <returns>Completes when the last has ended; null when somebody else has it leave already.</returns>
    public Task? Leave()
    {
        lock (_gate)
        {
            if (_unused is not null)
            {
                return null;
            }

            _unused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_requests == 0)
            {
                _unused.SetResult();
            }

            return _unused.Task;
        }
    }

    /// <summary>Takes requests again.</summary>
    public void Stay()
    {
        lock (_gate)
        {
            _unused = null;
        }
    }
}
