namespace AiFactory.Inference.Engine;

/// <summary>How requests end: by leaving, by their deadline, by a fault, with the engine. Each that had a place in the queue or a slot is told, counted and settled once, here.</summary>
internal sealed partial class GenerationEngine
{
    /// <summary>A client may leave at any time, also after the engine is gone.</summary>
    private void WakeForLeaver()
    {
        _someoneLeft = true;
        lock (_gate)
        {
            if (!_disposed)
            {
                _wake.Set();
            }
        }
    }

    private void EndLeavers()
    {
        IReadOnlyList<Generation> left = [];
        IReadOnlyList<Generation> overdue;
        lock (_gate)
        {
            overdue = _waiting.RemoveOverdue();
            if (_someoneLeft)
            {
                _someoneLeft = false;
                left = _waiting.RemoveAll(waiting => waiting.Item.IsCancelled);
            }
        }

        foreach (var generation in left)
        {
            generation.End(null);
            _metrics.RequestNeverStarted(generation, null);
        }

        foreach (var generation in overdue)
        {
            var end = new GenerationEvent.Expired(_throughput.RetryAfter(_waiting.Tokens));
            generation.End(end);
            _metrics.RequestNeverStarted(generation, end);
        }

        _seats.Active.RemoveAll(_releaseIfCancelled);
        _seats.Active.RemoveAll(_releaseIfOverdue);
        _seats.Out.RemoveAll(_releaseIfCancelled);
        _seats.Out.RemoveAll(_releaseIfOverdue);
        _sentOut = _seats.Out.Count;
    }

    private bool Fail(Sequence sequence)
    {
        if (!sequence.HasBegun)
        {
            return false;
        }

        var slot = sequence.Slot;
        Release(sequence, new GenerationEvent.Failed("The model could not compute the next token."));
        _prefixes.Forget(slot);
        return true;
    }

    /// <summary>It has a slot, and waits in it for another that computes the same beginning; or had to leave it before it began.</summary>
    private bool ReleaseIfOverdue(Sequence sequence) =>
        !sequence.WasAdmitted && sequence.Deadline <= _time.GetTimestamp() && Release(sequence, new GenerationEvent.Expired(_throughput.RetryAfter(_waiting.Tokens)));

    private bool ReleaseIfCancelled(Sequence sequence) => sequence.Generation.IsCancelled && Release(sequence, null);

    /// <returns>True, for <see cref="List{T}.RemoveAll"/>.</returns>
    private bool Release(Sequence sequence, GenerationEvent? end)
    {
        _seats.Leave(sequence);
        (_running, _sentOut) = (_seats.Taken, _seats.Out.Count);
        _cacheTokens -= sequence.Position;
        sequence.Generation.End(end);
        if (end is GenerationEvent.Finished)
        {
            _throughput.Answered(sequence.GeneratedTokens);
        }

        lock (_gate)
        {
            _waiting.Settle(sequence.Generation.Request.Terms, (sequence.WasAdmitted ? sequence.Generation.Request.Prompt.Length + sequence.GeneratedTokens : 0) - sequence.Generation.Estimate);
        }

        if (sequence.WasAdmitted)
        {
            _metrics.RequestEnded(sequence.Generation, end, sequence.GeneratedTokens, sequence.CachedTokens);
        }
        else
        {
            _metrics.RequestNeverStarted(sequence.Generation, end);
        }

        return true;
    }

    private bool IsDrained()
    {
        lock (_gate)
        {
            return _draining && _waiting.Count == 0 && _seats.Active.Count == 0 && _seats.Out.Count == 0;
        }
    }

    private void EndAll(GenerationEvent end)
    {
        _seats.Active.RemoveAll(sequence => Release(sequence, end));
        _seats.Out.RemoveAll(sequence => Release(sequence, end));
        _sentOut = 0;
        lock (_gate)
        {
            _draining = true;
            foreach (var generation in _waiting.RemoveAll(_ => true))
            {
                generation.End(end);
                _metrics.RequestNeverStarted(generation, end);
            }
        }
    }
}
