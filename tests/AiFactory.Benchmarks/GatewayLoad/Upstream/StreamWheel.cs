namespace AiFactory.Benchmarks.GatewayLoad.Upstream;

/// <summary>Which stream is due in which millisecond. A stream's turn comes at its own pace, however late the one before was.</summary>
internal sealed class StreamWheel
{
    private const int Slots = 1024;
    private const long Millisecond = 1_000_000;

    private readonly List<UpstreamConnection>[] _slots = [.. Enumerable.Range(0, Slots).Select(_ => new List<UpstreamConnection>())];
    private List<UpstreamConnection> _due = [];
    private long _tick = Reactor.Now / Millisecond;

    /// <summary>When it is to be turned again.</summary>
    public long Next => (_tick + 1) * Millisecond;

    public void Add(UpstreamConnection stream, int after) => _slots[(_tick + after) % Slots].Add(stream);

    /// <summary>Lets every stream that is due send its chunk.</summary>
    public void Turn()
    {
        for (var now = Reactor.Now / Millisecond; _tick < now;)
        {
            _tick++;
            (_due, _slots[_tick % Slots]) = (_slots[_tick % Slots], _due);
            foreach (var stream in _due)
            {
                if (stream.TrySendChunk())
                {
                    Add(stream, stream.Interval);
                }
            }

            _due.Clear();
        }
    }
}
