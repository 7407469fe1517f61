namespace AiFactory.Gateway.Queueing;

/// <summary>
/// Those who wait for one deployment: the lowest priority number first, within it one request of each project in turn, so that who sends a thousand waits behind
/// its own and not before the others. Where all places are taken, who has the most of them gives one to who has fewer. Safe to call from any thread.
/// </summary>
internal sealed class FairQueue
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<int, Lane> _lanes = [];
    private int _running;
    private int _waiting;

    public int Waiting => Volatile.Read(ref _waiting);

    /// <param name="limit">Under way at once; it may change from call to call, as replicas come and go.</param>
    /// <param name="length">Waiting at once.</param>
    public ValueTask<Ticket> EnterAsync(string project, int priority, int limit, int length, TimeSpan patience, TimeProvider time, CancellationToken left)
    {
        Waiter waiter;
        lock (_lock)
        {
            // Those before it first: the limit may have grown.
            Admit_NeedsLock(limit);
            if (_running < limit)
            {
                _running++;
                return ValueTask.FromResult(Ticket.Admitted);
            }

            if (_waiting >= length && !TryMakeRoom_NeedsLock(project, priority))
            {
                return ValueTask.FromResult(Ticket.Full);
            }

            waiter = new Waiter();
            if (!_lanes.TryGetValue(priority, out var lane))
            {
                _lanes[priority] = lane = new Lane();
            }

            lane.Add(project, waiter);
            _waiting++;
        }

        return new ValueTask<Ticket>(WaitAsync(waiter, patience, time, left));
    }

    /// <summary>The limit may have grown.</summary>
    public void Admit(int limit)
    {
        lock (_lock)
        {
            Admit_NeedsLock(limit);
        }
    }

    /// <summary>A request that was admitted has ended.</summary>
    public void Leave(int limit)
    {
        lock (_lock)
        {
            _running--;
            Admit_NeedsLock(limit);
        }
    }

    private async Task<Ticket> WaitAsync(Waiter waiter, TimeSpan patience, TimeProvider time, CancellationToken left)
    {
        Ticket outcome;
        try
        {
            return await waiter.Turn.Task.WaitAsync(patience, time, left);
        }
        catch (TimeoutException)
        {
            outcome = Ticket.TooLate;
        }
        catch (OperationCanceledException)
        {
            outcome = Ticket.Left;
        }

        lock (_lock)
        {
            if (waiter.Place.List is { } line)
            {
                line.Remove(waiter.Place);
                _waiting--;
                return outcome;
            }
        }

        // Its turn came in the same moment: then it has it, and its end passes it on. Or it had to go.
        return await waiter.Turn.Task;
    }

    /// <summary>Who came last in the longest line of the lowest priority has to go, where that is a lower one than the newcomer's, or the same and the newcomer's project has fewer there.</summary>
    /// <returns>Whether there is room now.</returns>
    private bool TryMakeRoom_NeedsLock(string project, int priority)
    {
        foreach (var (worst, lane) in _lanes.Reverse())
        {
            if (lane.Longest() is { Last: { } last } line)
            {
                if (worst < priority || (worst == priority && line.Count <= lane.CountOf(project) + 1))
                {
                    return false;
                }

                line.Remove(last);
                _waiting--;
                last.Value.Turn.SetResult(Ticket.Full);
                return true;
            }
        }

        return false;
    }

    private void Admit_NeedsLock(int limit)
    {
        while (_running < limit && _waiting > 0)
        {
            var (priority, lane) = _lanes.First();
            if (lane.Next() is not { } next)
            {
                _lanes.Remove(priority);
                continue;
            }

            _running++;
            _waiting--;
            next.Turn.SetResult(Ticket.Admitted);
        }
    }

    private sealed class Waiter
    {
        public Waiter() => Place = new LinkedListNode<Waiter>(this);

        public TaskCompletionSource<Ticket> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Where it stands; in no list once it has had its turn, has left or had to go.</summary>
        public LinkedListNode<Waiter> Place { get; }
    }

    /// <summary>The projects that wait with one priority, in turn. A line that those who stood in it have left is dropped at its turn.</summary>
    private sealed class Lane
    {
        private readonly Dictionary<string, LinkedList<Waiter>> _lines = new(StringComparer.Ordinal);
        private readonly Queue<string> _turns = new();

        public void Add(string project, Waiter waiter)
        {
            if (!_lines.TryGetValue(project, out var line))
            {
                _lines[project] = line = new LinkedList<Waiter>();
                _turns.Enqueue(project);
            }

            line.AddLast(waiter.Place);
        }

        public int CountOf(string project) => _lines.TryGetValue(project, out var line) ? line.Count : 0;

        public LinkedList<Waiter>? Longest() => _lines.Values.MaxBy(line => line.Count);

        public Waiter? Next()
        {
            while (_turns.TryDequeue(out var project))
            {
                var line = _lines[project];
                var first = line.First;
                if (first is null)
                {
                    _lines.Remove(project);
                    continue;
                }

                line.RemoveFirst();
                _turns.Enqueue(project);
                return first.Value;
            }

            return null;
        }
    }
}
