using System.Collections.Concurrent;
using AiFactory.Gateway.Forwarding;

namespace AiFactory.Gateway.Rollouts;

/// <summary>The requests under way whose deployment is being rolled out: one that hangs has no record before it ends. Others are not known here.</summary>
internal sealed class OpenRequests(TimeProvider time)
{
    /// <summary>Since when each is asked; what it waited in a queue does not count.</summary>
    private readonly ConcurrentDictionary<Exchange, long> _open = new();

    public async ValueTask WatchAsync(Exchange exchange, Func<Exchange, ValueTask> answer)
    {
        _open[exchange] = time.GetTimestamp();
        try
        {
            await answer(exchange);
        }
        finally
        {
            _open.TryRemove(exchange, out _);
        }
    }

    /// <summary>Of those sent to this variant in this step, how many have had nothing for so long.</summary>
    public long CountHanging(DateTimeOffset step, Guid variant, TimeSpan after)
    {
        var hanging = 0;
        foreach (var (exchange, since) in _open)
        {
            hanging += exchange.RolloutStep == step && exchange.Variant == variant && !exchange.HasBegun && time.GetElapsedTime(since) > after ? 1 : 0;
        }

        return hanging;
    }
}
