using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.Forwarding;

/// <summary>One of two replicas that are asked for the same: the one that shows its first token sooner answers, and the other is stopped.</summary>
internal sealed class HedgeLane(HedgeRace race, bool isSecond, CancellationToken token) : IDisposable
{
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(token);

    public bool IsSecond => isSecond;

    /// <summary>Ends what it waits for, until it has won.</summary>
    public CancellationToken Token => _stop.Token;

    public bool IsLost => race.Winner is { } winner && winner != this;

    /// <summary>Ends when its replica is not asked any more.</summary>
    public Task? Ended { get; set; }

    /// <summary>Its first token is there, or its error. When this returns true nobody else uses the request.</summary>
    /// <param name="isError">Then the other one, which may still answer, is waited for: what fails at once would win every race.</param>
    public async Task<bool> WinAsync(Replica replica, bool isError)
    {
        if (isError && race.Hold(this) is { } answering)
        {
            await answering.WaitAsync(Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (Token.IsCancellationRequested)
            {
                return false;
            }
        }

        if (!race.TryWin(this, replica, out var other))
        {
            return false;
        }

        if (other is { Ended: { } ended })
        {
            await other._stop.CancelAsync();
            await ended;
        }

        return true;
    }

    /// <summary>Ends what it waits for, unless it has won, and waits until its replica is not asked any more.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await (Ended ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stop.Dispose();
}
