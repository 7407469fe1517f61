namespace AiFactory.Inference.Lifecycle;

/// <summary>What an operator wants of one deployment's model, and where it is on the way. Kept for this process: a worker that restarts has all models awake.</summary>
internal sealed class ModelPower
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = New();
    private int _state;
    private int _waiting;
    private bool _isRestarting;

    public ModelPowerState State => (ModelPowerState)Volatile.Read(ref _state);

    /// <summary>Whether its memory is to be free.</summary>
    public bool IsOff => State is ModelPowerState.Asleep or ModelPowerState.Unloaded;

    /// <summary>Whether requests wait for it in the place of being refused.</summary>
    public bool HoldsRequests => State is ModelPowerState.Asleep or ModelPowerState.Waking || IsRestarting;

    /// <summary>Its process died while it served, and is started again.</summary>
    public bool IsRestarting { get => Volatile.Read(ref _isRestarting); set => Volatile.Write(ref _isRestarting, value); }

    /// <summary>Completes with the next change: take it, look, and only then wait for it.</summary>
    public Task NextChange
    {
        get
        {
            lock (_gate)
            {
                return _changed.Task;
            }
        }
    }

    /// <summary>Requests that wait for it.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    public void Sleep() => Set(ModelPowerState.Asleep);

    public void Unload() => Set(ModelPowerState.Unloaded);

    /// <summary>Harmless when it is awake, or on its way.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            if (IsOff)
            {
                Set_NeedsLock(ModelPowerState.Waking);
            }
        }
    }

    /// <summary>It is loaded, unless it was sent to sleep meanwhile.</summary>
    public void MarkAwake()
    {
        lock (_gate)
        {
            if (State == ModelPowerState.Waking)
            {
                Set_NeedsLock(ModelPowerState.Awake);
            }
        }
    }

    /// <returns>False when so many wait already; else <see cref="Leave"/> is owed.</returns>
    public bool TryEnter(int limit)
    {
        if (Interlocked.Increment(ref _waiting) <= limit)
        {
            return true;
        }

        Leave();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _waiting);

    private void Set(ModelPowerState state)
    {
        lock (_gate)
        {
            Set_NeedsLock(state);
        }
    }

    private void Set_NeedsLock(ModelPowerState state)
    {
        Volatile.Write(ref _state, (int)state);
        var changed = _changed;
        _changed = New();
        changed.TrySetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
