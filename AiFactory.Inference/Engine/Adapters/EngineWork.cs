using System.Collections.Concurrent;

namespace AiFactory.Inference.Engine.Adapters;

/// <summary>What callers have the engine's thread do between two steps.</summary>
internal sealed class EngineWork
{
    private readonly ConcurrentQueue<(Action Do, Action Refuse)> _waiting = new();
    private readonly Lock _gate = new();
    private bool _isOver;

    /// <summary>Completes with the result; with an <see cref="EngineStoppedException"/> when the engine ends before.</summary>
    public Task<T> Add<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_isOver)
            {
                return Task.FromException<T>(new EngineStoppedException());
            }

            _waiting.Enqueue((Do, () => done.TrySetException(new EngineStoppedException())));
        }

        return done.Task;

        void Do()
        {
            try
            {
                done.TrySetResult(work());
            }
#pragma warning disable CA1031 // Whatever it is, it is the caller's who asked for the work.
            catch (Exception error)
#pragma warning restore CA1031
            {
                done.TrySetException(error);
            }
        }
    }

    /// <summary>By the engine's thread.</summary>
    public void DoAll()
    {
        while (_waiting.TryDequeue(out var next))
        {
            next.Do();
        }
    }

    /// <summary>Nothing is done any more.</summary>
    public void End()
    {
        lock (_gate)
        {
            _isOver = true;
        }

        while (_waiting.TryDequeue(out var next))
        {
            next.Refuse();
        }
    }
}
