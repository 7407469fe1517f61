namespace AiFactory.Benchmarks.GatewayLoad;

/// <summary>Sends the same chat completion over and over from one thread: as fast as it is answered, or at a rate that does not ask how the answers come.</summary>
internal sealed class LoadClient : IDisposable
{
    private readonly Reactor _reactor = new();
    private readonly Queue<LoadConnection> _free = [];
    private readonly Queue<long> _late = [];
    private LatencyHistogram _times = new();
    private bool _isOpen;
    private long _end;

    public LoadClient(LoadTarget target, int connections)
    {
        var request = HttpText.ChatRequest(target);
        for (var i = 0; i < connections; i++)
        {
            var connection = new LoadConnection(Reactor.Connect(target.Port), _reactor, request, Answered);
            _reactor.Add(connection);
            _free.Enqueue(connection);
        }
    }

    /// <summary>Every connection sends its next request when it has the answer to the last.</summary>
    /// <returns>Requests a second.</returns>
    public double Saturate(TimeSpan time)
    {
        var began = Begin(time, isOpen: false);
        while (_free.TryDequeue(out var connection))
        {
            connection.Send(Reactor.Now);
        }

        Drain();
        return _times.Count / ((Reactor.Now - began) / (double)Reactor.Second);
    }

    /// <summary>
    /// Requests at even distances. One whose turn comes while all connections wait is sent by the next that is free, and its time counts from its turn: the
    /// answers that were late make the ones behind them late (what hides that is called coordinated omission).
    /// </summary>
    /// <param name="rate">Requests a second.</param>
    public LatencyHistogram Send(double rate, TimeSpan time)
    {
        var next = Begin(time, isOpen: true);
        var distance = (long)(Reactor.Second / rate);
        while (next < _end)
        {
            for (var now = Reactor.Now; next <= now; next += distance)
            {
                if (_free.TryDequeue(out var connection))
                {
                    connection.Send(next);
                }
                else
                {
                    _late.Enqueue(next);
                }
            }

            _reactor.Poll(Math.Min(next, _end));
        }

        Drain();
        return _times;
    }

    public void Dispose() => _reactor.Dispose();

    private int Busy { get; set; }

    private long Begin(TimeSpan time, bool isOpen)
    {
        Busy = _free.Count;
        _isOpen = isOpen;
        _times = new LatencyHistogram();
        var began = Reactor.Now;
        _end = began + (long)(time.TotalSeconds * Reactor.Second);
        return began;
    }

    /// <summary>Until the last answer has come.</summary>
    private void Drain()
    {
        var limit = _end + (30 * Reactor.Second);
        while (_free.Count < Busy || _late.Count > 0)
        {
            if (Reactor.Now > limit)
            {
                throw new TimeoutException($"{Busy - _free.Count} requests have no answer 30 s after the last was sent.");
            }

            _reactor.Poll(limit);
        }
    }

    private void Answered(LoadConnection connection)
    {
        var now = Reactor.Now;
        _times.Add(now - connection.Intended);
        if (_isOpen)
        {
            if (_late.TryDequeue(out var intended))
            {
                connection.Send(intended);
                return;
            }
        }
        else if (now < _end)
        {
            connection.Send(now);
            return;
        }

        _free.Enqueue(connection);
    }
}
