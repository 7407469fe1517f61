using AiFactory.Benchmarks.GatewayLoad.Doors;

namespace AiFactory.Benchmarks.GatewayLoad;

/// <summary>Many streams at once, read by one thread: opened one after the other, watched for a while, ended by the upstream.</summary>
internal sealed class StreamFleet : IDisposable
{
    private const double OpenedEachSecond = 1500;
    private const int EndLimitSeconds = 20;

    private readonly Reactor _reactor = new();
    private readonly LatencyHistogram _gaps = new();
    private readonly LatencyHistogram _transits = new();
    private bool _isWatching;
    private int _ended;
    private int _whole;

    /// <param name="interval">Milliseconds between two chunks of a stream.</param>
    public static StreamFigures Run(Door door, Door upstream, int streams, int interval, TimeSpan settle, TimeSpan window)
    {
        using var fleet = new StreamFleet();
        fleet.Open(door, streams, interval);
        fleet.PollFor(settle);
        var processor = door.Process.ProcessorTime;
        fleet._isWatching = true;
        fleet.PollFor(window);
        fleet._isWatching = false;
        processor = door.Process.ProcessorTime - processor;
        var memory = door.Process.ResidentMemory;
        fleet.Finish(upstream, streams);
        return new StreamFigures(streams, fleet._transits.Count / window.TotalSeconds, streams - fleet._whole, fleet._gaps, fleet._transits, memory, processor / fleet._transits.Count * 1e6);
    }

    /// <param name="last">When the chunk before it came; 0 for the first.</param>
    public void Came(long now, long sent, long last)
    {
        if (_isWatching)
        {
            _transits.Add(now - sent);
            if (last > 0)
            {
                _gaps.Add(now - last);
            }
        }
    }

    public void Ended(StreamClient stream)
    {
        _ended++;
        _whole += stream.IsWhole ? 1 : 0;
    }

    public void Dispose() => _reactor.Dispose();

    private void Open(Door door, int streams, int interval)
    {
        var request = HttpText.ChatRequest(door.Target, $",\"stream\":true,\"every_ms\":{interval}");
        var began = Reactor.Now;
        for (var i = 0; i < streams; i++)
        {
            var stream = new StreamClient(Reactor.Connect(door.Target.Port), _reactor, this);
            _reactor.Add(stream);
            stream.Send(request);
            PollUntil(began + (long)(i / OpenedEachSecond * Reactor.Second));
        }
    }

    private void Finish(Door upstream, int streams)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(upstream.Address, "finish"));
        using var answer = http.Send(request);
        for (var limit = Reactor.Now + (EndLimitSeconds * Reactor.Second); _ended < streams && Reactor.Now < limit;)
        {
            _reactor.Poll(limit);
        }
    }

    private void PollFor(TimeSpan time) => PollUntil(Reactor.Now + (long)(time.TotalSeconds * Reactor.Second));

    private void PollUntil(long time)
    {
        do
        {
            _reactor.Poll(time);
        }
        while (Reactor.Now < time);
    }
}
