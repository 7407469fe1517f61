namespace AiFactory.Gateway.Guardrails;

/// <summary>Places for work of which a gateway does little at once. No project has more of them than its share, so that one that asks for much leaves room for the others.</summary>
/// <param name="count">All there are.</param>
/// <param name="share">Of one project.</param>
internal sealed class SharedPlaces(int count, int share, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _all = new(count);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Share> _shares = new(StringComparer.Ordinal);

    /// <param name="wait">Null where it waits for as long as anybody waits for it.</param>
    /// <returns>Whether it may go on now; if so, <see cref="Leave"/> is owed.</returns>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more.</exception>
    public async ValueTask<bool> EnterAsync(string project, TimeSpan? wait, CancellationToken left)
    {
        // 1. Without waiting.
        var own = Join(project);
        var hasShare = own.Places.Wait(TimeSpan.Zero, CancellationToken.None);
        var isIn = hasShare && _all.Wait(TimeSpan.Zero, CancellationToken.None);
        if (isIn)
        {
            return true;
        }

        // 2. Its turn in the project, then the project's.
        using var limit = wait is { } some ? new CancellationTokenSource(some, time) : new CancellationTokenSource();
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, left);
        try
        {
            if (!hasShare)
            {
                await own.Places.WaitAsync(both.Token);
                hasShare = true;
            }

            await _all.WaitAsync(both.Token);
            isIn = true;
            return true;
        }
        catch (OperationCanceledException) when (!left.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            if (!isIn)
            {
                Part(project, hasShare);
            }
        }
    }

    public void Leave(string project)
    {
        _all.Release();
        Part(project, hasShare: true);
    }

    public void Dispose() => _all.Dispose();

    private Share Join(string project)
    {
        lock (_lock)
        {
            if (!_shares.TryGetValue(project, out var of))
            {
                _shares[project] = of = new Share(share);
            }

            of.Users++;
            return of;
        }
    }

    private void Part(string project, bool hasShare)
    {
        lock (_lock)
        {
            var of = _shares[project];
            if (hasShare)
            {
                of.Places.Release();
            }

            if (--of.Users == 0)
            {
                _shares.Remove(project);
                of.Dispose();
            }
        }
    }

    /// <summary>One project's, while anybody of it has a place or waits for one.</summary>
    private sealed class Share(int count) : IDisposable
    {
        public SemaphoreSlim Places { get; } = new(count);

        public int Users { get; set; }

        public void Dispose() => Places.Dispose();
    }
}
