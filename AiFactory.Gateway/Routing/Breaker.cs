namespace AiFactory.Gateway.Routing;

/// <summary>
/// Sets a replica aside that cannot or will not serve (https://learn.microsoft.com/azure/architecture/patterns/circuit-breaker):
/// closed, requests pass; open, none does; half-open, a single one tries, and its success closes. Times are the clock's ticks. Safe to call from any thread.
/// </summary>
internal sealed class Breaker
{
    private readonly Lock _lock = new();
    private DecayingCount _answers;
    private DecayingCount _failed;
    private int _inARow;
    private int _pauses;
    private long _openedAt = long.MinValue;
    private long _openUntil;
    private long _askFrom;
    private int _cause;

    /// <summary>When it may be tried again; 0 while it is closed.</summary>
    public long OpenUntil => Volatile.Read(ref _openUntil);

    /// <summary>When it may be asked at the latest: sooner than <see cref="OpenUntil"/> where it asked for time itself.</summary>
    public long AskFrom => Volatile.Read(ref _askFrom) is var from and > 0 ? Math.Min(from, OpenUntil) : OpenUntil;

    /// <summary>Whether it is set aside for a reason that passes by waiting: nothing listened, or it named a time itself. One that answers with failures does not get better by a queue.</summary>
    public bool IsAbsent => Cause is not SetAsideCause.Failing;

    /// <summary>Of the last time that it was set aside.</summary>
    public SetAsideCause Cause => (SetAsideCause)Volatile.Read(ref _cause);

    public bool IsClosed => OpenUntil == 0;

    public bool IsOpen(long now) => OpenUntil > now;

    /// <summary>Whether nothing was amiss lately.</summary>
    public bool IsSound(long now, BreakerRules rules)
    {
        lock (_lock)
        {
            return _inARow == 0 && _pauses == 0 && _failed.At(now, rules.Window) < 0.5;
        }
    }

    /// <summary>Whether a request may go to it now. After a pause one may; the others come once that one succeeded, or one more in the next second.</summary>
    public bool TryEnter(long now, BreakerRules rules)
    {
        var until = OpenUntil;
        if (until == 0)
        {
            return true;
        }

        if (until > now || Interlocked.CompareExchange(ref _openUntil, now + rules.TrialTime, until) != until)
        {
            return false;
        }

        Volatile.Write(ref _askFrom, 0);
        return true;
    }

    /// <summary>
    /// Whether one may go to it before the time is over that it asked for, one in a second: for those who have no other replica, and have not been refused by this one.
    /// What it asked for time for may be over, or have been one caller's alone.
    /// </summary>
    public bool TryAsk(long now, BreakerRules rules)
    {
        var from = Volatile.Read(ref _askFrom);
        return from > 0 && from <= now && Interlocked.CompareExchange(ref _askFrom, now + rules.TrialTime, from) == from;
    }

    public void Succeeded(long now, BreakerRules rules)
    {
        lock (_lock)
        {
            _answers.Add(1, now, rules.Window);
            (_inARow, _pauses) = (0, 0);
            Volatile.Write(ref _askFrom, 0);
            Volatile.Write(ref _openUntil, 0);
        }
    }

    /// <summary>It answered, and badly.</summary>
    /// <param name="entered">When the request was let in: what was under way when it opened counts no more.</param>
    /// <param name="mayShare">Whether a large share of failures may open it, besides failures in a row.</param>
    /// <returns>Whether this opened it.</returns>
    public bool Failed(long entered, long now, BreakerRules rules, bool mayShare)
    {
        lock (_lock)
        {
            if (entered < _openedAt)
            {
                return false;
            }

            _answers.Add(1, now, rules.Window);
            _failed.Add(1, now, rules.Window);
            _inARow++;
            var answers = _answers.At(now, rules.Window);
            var opens = _pauses > 0
                || _inARow >= rules.ConsecutiveFailures
                || (mayShare && answers >= rules.LeastAnswers && _failed.At(now, rules.Window) >= rules.FailureShare * answers);
            return opens && Open_NeedsLock(now, Pause_NeedsLock(rules), SetAsideCause.Failing);
        }
    }

    /// <summary>Nothing listened there, it broke the connection, or it has not what it should serve.</summary>
    /// <inheritdoc cref="Failed"/>
    public bool Absent(long entered, long now, BreakerRules rules, SetAsideCause cause = SetAsideCause.Unreachable)
    {
        lock (_lock)
        {
            if (entered < _openedAt)
            {
                return false;
            }

            _failed.Add(1, now, rules.Window);
            return Open_NeedsLock(now, Pause_NeedsLock(rules), cause);
        }
    }

    /// <summary>It asked for time (<c>Retry-After</c>), which is no failure.</summary>
    public void Paused(long now, long ticks, BreakerRules rules)
    {
        lock (_lock)
        {
            Volatile.Write(ref _cause, (int)SetAsideCause.Away);
            Volatile.Write(ref _askFrom, now + rules.TrialTime);
            Volatile.Write(ref _openUntil, Math.Max(now + Math.Min(ticks, rules.LongestRetryAfter), _openUntil));
        }
    }

    /// <summary>Something answers there again: a trial need not wait any longer.</summary>
    /// <returns>Whether that was news.</returns>
    public bool Present(long now)
    {
        lock (_lock)
        {
            if (_cause != (int)SetAsideCause.Unreachable || _openUntil <= now)
            {
                return false;
            }

            Volatile.Write(ref _openUntil, now);
            return true;
        }
    }

    private bool Open_NeedsLock(long now, long pause, SetAsideCause cause)
    {
        _openedAt = now;
        _pauses++;
        Volatile.Write(ref _askFrom, 0);
        Volatile.Write(ref _cause, (int)cause);
        Volatile.Write(ref _openUntil, now + pause);
        return true;
    }

    private long Pause_NeedsLock(BreakerRules rules) => Math.Min(rules.FirstPause << Math.Min(_pauses, 16), rules.LongestPause);
}
