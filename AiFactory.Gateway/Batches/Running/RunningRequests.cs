using System.Collections.Concurrent;

namespace AiFactory.Gateway.Batches.Running;

/// <summary>The requests of batches that this process has under way.</summary>
internal sealed class RunningRequests(WorkSignals signals)
{
    private readonly ConcurrentDictionary<(long Id, int Attempt), Entry> _entries = new();

    /// <summary>This process: another start of the gateway is another one.</summary>
    public Guid Claim { get; } = Guid.CreateVersion7();

    public int Count => _entries.Count;

    /// <summary>Whether one of them is under way over which gateways ended more than once.</summary>
    public bool HasSuspect => _entries.Any(entry => entry.Value.IsSuspect);

    /// <summary>The ids, each once.</summary>
    public long[] Ids => [.. _entries.Keys.Select(key => key.Id).Distinct()];

    /// <param name="run">Throws nothing but when it is cancelled.</param>
    public void Start(RequestRow row, Func<CancellationToken, Task> run)
    {
        var key = (row.Id, row.Attempt);
        var entry = new Entry(row.BatchId, row.Deaths > 1);
        _entries[key] = entry;
        entry.Task = Task.Run(async () =>
        {
            try
            {
                await run(entry.Cancel.Token);
            }
            finally
            {
                _entries.TryRemove(key, out _);
                signals.Requests.Raise();
            }
        });
    }

    /// <summary>Whether this process has no other request of its batch under way.</summary>
    public bool IsLast(RequestRow row) => !_entries.Any(entry => entry.Value.BatchId == row.BatchId && entry.Key.Id != row.Id);

    /// <summary>Those that are ours no more, or that nobody wants any more.</summary>
    public void CancelAllBut(IReadOnlyCollection<long> held, IReadOnlyCollection<long> asked)
    {
        var lost = asked.Except(held).ToHashSet();
        foreach (var (key, entry) in _entries)
        {
            if (lost.Contains(key.Id))
            {
                entry.Cancel.Cancel();
            }
        }
    }

    public void CancelBatch(Guid batch)
    {
        foreach (var entry in _entries.Values)
        {
            if (entry.BatchId == batch)
            {
                entry.Cancel.Cancel();
            }
        }
    }

    /// <summary>Ends when all have been given back.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var entries = _entries.Values.ToArray();
        foreach (var entry in entries)
        {
            await entry.Cancel.CancelAsync();
        }

        await Task.WhenAll(entries.Select(entry => entry.Task)).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <remarks>The source is not disposed: who cancels may come after the end, and it has no timer.</remarks>
    private sealed class Entry(Guid batchId, bool isSuspect)
    {
        public bool IsSuspect { get; } = isSuspect;

        public Guid BatchId { get; } = batchId;

        public CancellationTokenSource Cancel { get; } = new();

        public Task Task { get; set; } = Task.CompletedTask;
    }
}
