using System.Runtime.CompilerServices;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// One replica's console: the last lines of it, in a ring. Readers keep a position in the ring and own no buffer,
/// so a slow one costs nothing and loses only what the ring lost.
/// </summary>
internal sealed class ResourceLog(TimeProvider timeProvider)
{
    internal const int Capacity = 2_000;
    private const int MaxLineLength = 8_192;

    private readonly Lock _lock = new();
    private LogLine[] _ring = new LogLine[64];
    private int _first = 1;
    private int _next = 1;
    private TaskCompletionSource _changed = NewSignal();
    private bool _completed;

    public void Append(string line, bool isError)
    {
        var content = string.Concat(
            timeProvider.GetUtcNow().UtcDateTime.ToString("O"), " ",
            line.Length <= MaxLineLength ? line : string.Concat(line.AsSpan(0, MaxLineLength), " ..."));
        lock (_lock)
        {
            if (_next - _first == _ring.Length)
            {
                GrowOrDropOldest_NeedsLock();
            }

            _ring[_next % _ring.Length] = new LogLine(_next, content, isError);
            _next++;
            Signal_NeedsLock();
        }
    }

    public void Complete()
    {
        lock (_lock)
        {
            _completed = true;
            Signal_NeedsLock();
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _first = _next;
        }
    }

    public IReadOnlyList<LogLine> Snapshot() => Read(0).Lines;

    public async IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var position = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            var (lines, next, changed, completed) = Read(position);
            position = next;
            if (lines.Count > 0)
            {
                yield return lines;
            }
            else if (completed)
            {
                yield break;
            }
            else
            {
                await changed.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private (IReadOnlyList<LogLine> Lines, int Next, Task Changed, bool Completed) Read(int from)
    {
        lock (_lock)
        {
            var start = Math.Max(from, _first);
            var lines = new LogLine[Math.Max(0, _next - start)];
            for (var i = 0; i < lines.Length; i++)
            {
                lines[i] = _ring[(start + i) % _ring.Length];
            }

            return (lines, _next, _changed.Task, _completed);
        }
    }

    private void GrowOrDropOldest_NeedsLock()
    {
        if (_ring.Length >= Capacity)
        {
            _first++;
            return;
        }

        var bigger = new LogLine[Math.Min(Capacity, _ring.Length * 2)];
        for (var i = _first; i < _next; i++)
        {
            bigger[i % bigger.Length] = _ring[i % _ring.Length];
        }

        _ring = bigger;
    }

    private void Signal_NeedsLock()
    {
        var changed = _changed;
        _changed = NewSignal();
        changed.TrySetResult();
    }
}
