namespace AiFactory.Gateway.Routing;

/// <summary>The table in force, and a signal for those who wait for a better one.</summary>
internal sealed class CurrentRoutes
{
    private volatile RoutingTable? _table;
    private volatile TaskCompletionSource _changed = NewSignal();

    /// <summary>Null until a first snapshot has come from the disk or from the library.</summary>
    public RoutingTable? Table => _table;

    /// <summary>Completes at the next swap, or when a replica is back. Take it before you look at <see cref="Table"/>, or a swap between the two is missed.</summary>
    public Task Changed => _changed.Task;

    public void Swap(RoutingTable table)
    {
        _table = table;
        Wake();
    }

    /// <summary>Those that wait look again: not the table, but something about its replicas is new.</summary>
    public void Wake()
    {
        var changed = _changed;
        _changed = NewSignal();
        changed.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
