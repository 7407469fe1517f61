using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.Forwarding;

/// <summary>A request and the one or two replicas that are asked for it at once.</summary>
internal sealed class HedgeRace : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Exchange _exchange;
    private HedgeLane? _second;
    private HedgeLane? _winner;
    private HedgeLane? _holding;

    public HedgeRace(Exchange exchange)
    {
        _exchange = exchange;
        First = new HedgeLane(this, isSecond: false, exchange.Token);
    }

    public HedgeLane First { get; }

    public HedgeLane? Winner => Volatile.Read(ref _winner);

    /// <summary>Another replica joins in.</summary>
    /// <param name="begin">Asks it, and returns when it has been asked and not when it has answered.</param>
    /// <returns>False when the first has its first token by now.</returns>
    public bool TryJoin(Func<HedgeLane, Task<Failure?>> begin, out Task<Failure?> ended)
    {
        lock (_lock)
        {
            if (_winner is not null)
            {
                ended = Task.FromResult<Failure?>(null);
                return false;
            }

            _second = new HedgeLane(this, isSecond: true, _exchange.Token);

            // On another thread: it may win at once, and would wait here for itself.
            var second = _second;
            ended = Task.Run(() => begin(second));
            second.Ended = ended;
            return true;
        }
    }

    /// <summary>An error is there, which is kept until the other one has ended.</summary>
    /// <returns>What to wait for; null where there is nothing better to come: the other is not asked, or has an error itself.</returns>
    public Task? Hold(HedgeLane lane)
    {
        lock (_lock)
        {
            var other = lane == First ? _second : First;
            if (_winner is not null || _holding is not null || other is not { Ended: { IsCompleted: false } ended })
            {
                return null;
            }

            _holding = lane;
            return ended;
        }
    }

    public bool TryWin(HedgeLane lane, Replica replica, out HedgeLane? other)
    {
        lock (_lock)
        {
            other = lane == First ? _second : First;
            if (_winner is not null)
            {
                return false;
            }

            _winner = lane;
            if (lane.IsSecond)
            {
                (_exchange.Replica, _exchange.Choice) = (replica, ChoiceReason.Hedge);
            }

            return true;
        }
    }

    /// <summary>Nobody uses the request any more when this returns, also where one of the two ended as nobody had foreseen.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var lane in _second is { } second ? [First, second] : (HedgeLane[])[First])
        {
            await lane.StopAsync();
            lane.Dispose();
        }
    }
}
