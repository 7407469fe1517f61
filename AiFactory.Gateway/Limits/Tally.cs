namespace AiFactory.Gateway.Limits;

/// <summary>
/// What this gateway may give of one limit, for one owner, within one window of time. It was granted so much of the whole; of that, some is used, some is reserved by
/// requests under way, and the rest is there at once. Who finds too little there waits for a larger grant.
/// </summary>
/// <param name="alone">Whether there is no other gateway to share with: then the whole is granted from the beginning.</param>
internal sealed class Tally(Limit limit, string owner, DateTimeOffset startsAt, DateTimeOffset endsAt, bool alone)
{
    private readonly Lock _lock = new();
    private readonly Queue<Waiter> _waiting = new();
    private Limit _limit = limit;
    private long _granted = alone ? limit.Amount : 0;
    private long _used;
    private long _reserved;
    private long _elsewhere;
    private long _lastGrant;
    private long _exhaustedUntil;
    private long _grantedAt;
    private bool _closed;

    /// <summary>Whether the keeper of the leases is to look at it.</summary>
    private int _marked;

    public Limit Limit => Volatile.Read(ref _limit);

    /// <summary>Empty where the limit is about one owner.</summary>
    public string Owner { get; } = owner;

    public DateTimeOffset StartsAt { get; } = startsAt;

    public DateTimeOffset EndsAt { get; } = endsAt;

    /// <summary>What can still be had, here or elsewhere, as far as is known.</summary>
    public long Remaining
    {
        get
        {
            lock (_lock)
            {
                return Math.Clamp(Available_NeedsLock + _elsewhere, 0, _limit.Amount);
            }
        }
    }

    /// <summary>When the database last said what there is: a timestamp, 0 while it has not.</summary>
    public long GrantedAt => Volatile.Read(ref _grantedAt);

    /// <summary>Whether it is out of use.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_lock)
            {
                return _closed;
            }
        }
    }

    public bool HasWaiting
    {
        get
        {
            lock (_lock)
            {
                return Waiting_NeedsLock > 0;
            }
        }
    }

    /// <summary>Whether it could give something at once.</summary>
    public bool HasSpare
    {
        get
        {
            lock (_lock)
            {
                return Available_NeedsLock > 0;
            }
        }
    }

    /// <summary>What those that wait need.</summary>
    private long Waiting_NeedsLock
    {
        get
        {
            var waiting = 0L;
            foreach (var waiter in _waiting)
            {
                waiting += waiter.IsClosed ? 0 : waiter.Units;
            }

            return waiting;
        }
    }

    private long Available_NeedsLock => _granted - _used - _reserved;

    /// <summary>Another amount holds from now on. What was granted of the former is asked for anew.</summary>
    /// <param name="limit">As the snapshot has it that a request began with, which may be an older one.</param>
    /// <returns>Whether it changed.</returns>
    public bool Follow(Limit limit)
    {
        if (ReferenceEquals(Volatile.Read(ref _limit), limit))
        {
            return false;
        }

        lock (_lock)
        {
            if (limit.CompiledAt < _limit.CompiledAt)
            {
                return false;
            }

            var changed = _limit.Amount != limit.Amount;
            _limit = limit;
            if (changed)
            {
                _granted = alone ? limit.Amount : Math.Min(_granted, _used + _reserved);
                (_exhaustedUntil, _elsewhere) = (0, 0);
            }

            return changed;
        }
    }

    /// <param name="isLow">Whether more should be asked for before it runs out.</param>
    public bool TryReserve(long units, out bool isLow)
    {
        lock (_lock)
        {
            var reserved = !_closed && _waiting.Count == 0 && Available_NeedsLock >= units;
            _reserved += reserved ? units : 0;
            isLow = _elsewhere > 0 && Available_NeedsLock < _lastGrant / 4;
            return reserved;
        }
    }

    /// <summary>For while nobody else can be asked: up to so much of the limit, whatever was granted.</summary>
    public bool TryReserveAlone(long units, long most)
    {
        lock (_lock)
        {
            if (_closed || _used + _reserved + units > most)
            {
                return false;
            }

            _reserved += units;
            return true;
        }
    }

    /// <summary>A place in the row of those that wait for a larger grant.</summary>
    /// <param name="now">A timestamp.</param>
    /// <returns>Null where it was just found out that there is no more.</returns>
    public Waiter? Wait(long units, long now)
    {
        lock (_lock)
        {
            if (_exhaustedUntil > now)
            {
                return null;
            }

            var waiter = new Waiter(units);
            if (_closed)
            {
                // Nobody looks here any more: its successor is to be asked.
                waiter.TryEnd(Verdict.Unknown);
                return waiter;
            }

            _waiting.Enqueue(waiter);
            Serve_NeedsLock();
            return waiter;
        }
    }

    /// <summary>It waits no longer.</summary>
    /// <returns>What it got at the last moment, if anything.</returns>
    public Verdict? GiveUp(Waiter waiter)
    {
        lock (_lock)
        {
            var verdict = waiter.Close();
            Serve_NeedsLock();
            return verdict;
        }
    }

    /// <summary>The request has ended.</summary>
    /// <param name="used">What it did take, which may be more than was reserved.</param>
    public void Settle(long reserved, long used)
    {
        lock (_lock)
        {
            _reserved -= reserved;
            _used += used;
            Serve_NeedsLock();
        }
    }

    /// <returns>Promised: what is used or reserved. Keep: what is there beyond, or what those that wait need where that is more.</returns>
    public (long Promised, long Keep) Look()
    {
        lock (_lock)
        {
            return (_used + _reserved, Math.Max(Math.Max(0, Available_NeedsLock), Waiting_NeedsLock));
        }
    }

    /// <summary>Has nothing at once any more.</summary>
    /// <returns>Promised: what stays. Keep: what those that wait need beyond.</returns>
    public (long Promised, long Keep) GiveBack()
    {
        lock (_lock)
        {
            _granted = Math.Min(_granted, _used + _reserved);
            return (_used + _reserved, Waiting_NeedsLock);
        }
    }

    /// <summary>Nobody can be asked now: those that wait are told so.</summary>
    /// <param name="isForgotten">Whether what was granted is not to be counted on any more.</param>
    public void Dismiss(bool isForgotten)
    {
        lock (_lock)
        {
            _granted = isForgotten ? Math.Min(_granted, _used + _reserved) : _granted;
            while (_waiting.TryDequeue(out var waiter))
            {
                waiter.TryEnd(Verdict.Unknown);
            }
        }
    }

    /// <param name="of">For which it was asked.</param>
    /// <param name="granted">All that it has now, with what is used.</param>
    /// <param name="elsewhere">What nobody has yet.</param>
    /// <returns>Whether it counts: what was asked for while another amount held is to be asked for anew.</returns>
    public bool TryGrant(Limit of, long granted, long elsewhere)
    {
        lock (_lock)
        {
            if (of.Amount != _limit.Amount)
            {
                return false;
            }

            (_granted, _elsewhere, _grantedAt) = (granted, elsewhere, LeaseBook.Now);
            _lastGrant = Math.Max(0, Available_NeedsLock);
            Serve_NeedsLock();
            return true;
        }
    }

    /// <summary>There is no more to be had: those that wait and do not fit are told so, and those that come until then need not ask.</summary>
    /// <param name="until">A timestamp.</param>
    public void Exhaust(long until)
    {
        lock (_lock)
        {
            _exhaustedUntil = until;
            while (_waiting.TryDequeue(out var waiter))
            {
                var fits = !waiter.IsClosed && Available_NeedsLock >= waiter.Units;
                _reserved += fits && waiter.TryEnd(Verdict.Reserved) ? waiter.Units : 0;
                waiter.TryEnd(Verdict.Exhausted);
            }
        }
    }

    /// <summary>Takes it out of use; those that wait ask its successor.</summary>
    /// <param name="force">Also where something is reserved or used: its time is over.</param>
    public bool TryClose(bool force)
    {
        lock (_lock)
        {
            if (!force && (_granted != 0 || _used != 0 || _reserved != 0 || _waiting.Count > 0))
            {
                return false;
            }

            _closed = true;
            while (_waiting.TryDequeue(out var waiter))
            {
                waiter.TryEnd(Verdict.Unknown);
            }

            return true;
        }
    }

    /// <returns>Whether it was not marked yet.</returns>
    public bool Mark() => Interlocked.Exchange(ref _marked, 1) == 0;

    public void Unmark() => Volatile.Write(ref _marked, 0);

    public (long Used, long Reserved, long Granted) Figures()
    {
        lock (_lock)
        {
            return (_used, _reserved, _granted);
        }
    }

    /// <summary>In the order in which they came, so that a large one is not passed over for ever.</summary>
    private void Serve_NeedsLock()
    {
        while (_waiting.TryPeek(out var waiter) && (waiter.IsClosed || Available_NeedsLock >= waiter.Units))
        {
            _waiting.Dequeue();
            _reserved += waiter.TryEnd(Verdict.Reserved) ? waiter.Units : 0;
        }
    }
}
