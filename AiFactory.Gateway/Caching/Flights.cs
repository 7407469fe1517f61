namespace AiFactory.Gateway.Caching;

/// <summary>Requests that are under way to a model, by what they ask: of equal ones the first asks, and the others wait for its answer.</summary>
internal sealed class Flights
{
    private readonly Lock _lock = new();
    private readonly Dictionary<CacheKey, TaskCompletionSource<FlightEnd>> _byKey = [];

    /// <returns>Null for the one that asks, and has to call <see cref="End"/>.</returns>
    public Task<FlightEnd>? Join(CacheKey key)
    {
        lock (_lock)
        {
            if (_byKey.TryGetValue(key, out var flight))
            {
                return flight.Task;
            }

            _byKey[key] = new TaskCompletionSource<FlightEnd>(TaskCreationOptions.RunContinuationsAsynchronously);
            return null;
        }
    }

    public void End(CacheKey key, FlightEnd end)
    {
        TaskCompletionSource<FlightEnd>? flight;
        lock (_lock)
        {
            _byKey.Remove(key, out flight);
        }

        flight?.SetResult(end);
    }
}
