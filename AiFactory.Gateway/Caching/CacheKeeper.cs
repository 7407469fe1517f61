using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Caching;

/// <summary>Carries out the orders to forget that any gateway was given, and keeps the second level within its bound.</summary>
internal sealed class CacheKeeper(CacheStore store, CacheLevels levels, MigrationState migrations, IOptions<CachingOptions> options, TimeProvider time, ILogger<CacheKeeper> logger)
    : Loop(migrations, new Signal(), options.Value.PurgeInterval, time, logger)
{
    private const int AtOnce = 5_000;

    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(5);

    /// <summary>How long an order may take to be seen.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan OrdersKept = TimeSpan.FromDays(2);

    private readonly TimeProvider _time = time;
    private readonly Dictionary<Guid, DateTimeOffset> _done = [];
    private long? _looked;
    private DateTimeOffset _swept;

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        // 1. Orders that are new here; at the start all that there are. What a gateway had not stored yet when another deleted, it drops or deletes now itself, and nothing that was made since.
        var at = _time.GetTimestamp();
        var window = (_looked is { } looked ? _time.GetElapsedTime(looked, at) : OrdersKept) + Margin;
        var orders = await store.OrdersAsync(window, cancellationToken);
        var now = _time.GetUtcNow(); // after the look: who waited for it forgets rather too much
        foreach (var order in orders)
        {
            if (!_done.ContainsKey(order.Id))
            {
                var purge = order.At(now);
                levels.Remove(purge);
                await store.DeleteFormerAsync(purge, cancellationToken);
                _done[order.Id] = now;
            }
        }

        _looked = at;
        foreach (var (id, _) in _done.Where(order => order.Value < now - window - Margin).ToList())
        {
            _done.Remove(id);
        }

        // 2. What is past its time, and what is too much.
        if (now - _swept < SweepInterval)
        {
            return false;
        }

        var deleted = await store.DeleteExpiredAsync(now, AtOnce, cancellationToken);
        deleted = Math.Max(deleted, await store.DeleteBeyondAsync(options.Value.StoredBytes, AtOnce, cancellationToken));
        await store.ForgetOrdersAsync(OrdersKept + Margin, cancellationToken);
        _swept = deleted == AtOnce ? _swept : now;
        return deleted == AtOnce;
    }
}
