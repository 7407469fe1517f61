using AiFactory.Gateway.Forwarding;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Caching;

/// <summary>Requests that are under way to a model, by what they ask: of equal ones the first asks, and the others wait for its answer.</summary>
internal sealed class Flights(CachingTelemetry telemetry, IOptions<CachingOptions> options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<CacheKey, TaskCompletionSource<bool>> _byKey = [];
    private readonly TimeSpan _longest = options.Value.FlightWait;

    /// <summary>Looks in memory, and in what lies behind it for all that are equal at once.</summary>
    /// <param name="joins">Whether this request may ask for others and be answered by another's answer.</param>
    /// <param name="leads">Whether others may wait for it: not where its answer is whole only when its client has read it.</param>
    /// <returns>What was found; or whether this request asks for all that wait, and has to call <see cref="End"/>.</returns>
    public async Task<(T? Found, bool Leads)> FindAsync<T>(Exchange exchange, CacheKey key, bool joins, bool leads, Func<T?> look, Func<Task<T?>> lookFurther)
        where T : class
    {
        var began = time.GetTimestamp();
        var waited = false;
        while (!exchange.ClientLeft)
        {
            // 1. In memory.
            if (look() is { } found)
            {
                if (waited)
                {
                    telemetry.Shared();
                }

                return (found, false);
            }

            // 2. An equal one that is under way.
            var left = _longest - time.GetElapsedTime(began);
            if (!joins || left <= TimeSpan.Zero)
            {
                return (await lookFurther(), false);
            }

            if (Join(key, leads) is not { } flight)
            {
                return leads ? await LeadAsync(key, lookFurther) : (await lookFurther(), false);
            }

            // 3. Its answer. When its client left, the next asks in its place; after another failure each asks for itself, for in turn they would wait for one another.
            waited = true;
            if (!await WaitAsync(exchange, flight, left))
            {
                return default;
            }
        }

        return default;
    }

    /// <param name="looksAgain">Whether those who waited may find the answer now, or one of them is to ask.</param>
    public void End(CacheKey key, bool looksAgain)
    {
        TaskCompletionSource<bool>? flight;
        lock (_lock)
        {
            _byKey.Remove(key, out flight);
        }

        flight?.SetResult(looksAgain);
    }

    private async Task<(T? Found, bool Leads)> LeadAsync<T>(CacheKey key, Func<Task<T?>> lookFurther)
        where T : class
    {
        var leads = false;
        try
        {
            var found = await lookFurther();
            leads = found is null;
            return (found, leads);
        }
        finally
        {
            if (!leads)
            {
                End(key, looksAgain: true);
            }
        }
    }

    private Task<bool>? Join(CacheKey key, bool leads)
    {
        lock (_lock)
        {
            if (_byKey.TryGetValue(key, out var flight))
            {
                return flight.Task;
            }

            if (leads)
            {
                _byKey[key] = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return null;
        }
    }

    private async Task<bool> WaitAsync(Exchange exchange, Task<bool> flight, TimeSpan atMost)
    {
        exchange.Unlimit();
        try
        {
            return await flight.WaitAsync(atMost, time, exchange.Token);
        }
        catch (Exception over) when (over is TimeoutException or OperationCanceledException)
        {
            // The wait is over, the client left, or the time for the whole is up: whoever asks next sees which.
            return false;
        }
    }
}
