namespace AiFactory.Gateway.Routing;

/// <summary>How many requests of one deployment may still be sent again. Safe to call from any thread.</summary>
internal sealed class RetryBudget
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private const double Remnant = 1e-3;

    private readonly Lock _lock = new();
    private DecayingCount _requests;
    private DecayingCount _retries;

    /// <summary>A request came.</summary>
    public void Deposit(TimeProvider time)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            _requests.Add(1, now, Ticks(time));
        }
    }

    /// <returns>False when it may not be sent again.</returns>
    public bool TryTake(RetryOptions options, TimeProvider time)
    {
        var (now, window) = (time.GetTimestamp(), Ticks(time));
        lock (_lock)
        {
            // What is left of a count of long ago is no whole request.
            if (_retries.At(now, window) + 1 - Remnant > (_requests.At(now, window) * options.BudgetShare) + options.BudgetFloor)
            {
                return false;
            }

            _retries.Add(1, now, window);
            return true;
        }
    }

    private static long Ticks(TimeProvider time) => (long)Window.TotalSeconds * time.TimestampFrequency;
}
