using System.Net.Sockets;
using AiFactory.Benchmarks.GatewayLoad.Doors;

namespace AiFactory.Benchmarks.GatewayLoad;

/// <summary>Clients that each ask once and leave at a moment that nobody knows: half of them from a stream, half before a first byte; half with a reset.</summary>
internal sealed class LeavingClients : IDisposable
{
    private const int Together = 200;
    private const int LongestStayMilliseconds = 1000;

    private readonly Reactor _reactor = new();
    private readonly Random _random = new(7);
    private readonly PriorityQueue<Leaver, long> _staying = new();

    /// <summary>By request: when its client left.</summary>
    public Dictionary<int, long> LeftAt { get; } = [];

    public void Run(Door door, int requests)
    {
        var next = 1;
        while (next <= requests || _staying.Count > 0)
        {
            while (next <= requests && _staying.Count < Together)
            {
                Ask(door.Target, next++);
            }

            _staying.TryPeek(out _, out var due);
            _reactor.Poll(due);
            while (_staying.TryPeek(out var leaver, out due) && due <= Reactor.Now)
            {
                _staying.Dequeue();
                leaver.Socket.LingerState = new LingerOption(leaver.Request % 4 < 2, 0);
                LeftAt[leaver.Request] = Reactor.Now;
                _reactor.Close(leaver);
            }
        }
    }

    public void Dispose() => _reactor.Dispose();

    private void Ask(LoadTarget target, int request)
    {
        var leaver = new Leaver(Reactor.Connect(target.Port), _reactor, request);
        _reactor.Add(leaver);
        leaver.Send(HttpText.ChatRequest(target, request % 2 == 0 ? $",\"stream\":true,\"every_ms\":20,\"request\":{request}" : $",\"every_ms\":0,\"request\":{request}"));
        _staying.Enqueue(leaver, Reactor.Now + (long)(_random.NextDouble() * LongestStayMilliseconds * 1e6));
    }

    private sealed class Leaver(Socket socket, Reactor reactor, int request) : Peer(socket)
    {
        public int Request { get; } = request;

        public void Send(byte[] bytes) => TrySend(bytes);

        public override void OnReadable()
        {
            if (Read(reactor.Scratch) == 0)
            {
                throw new InvalidOperationException("The door left before its client.");
            }
        }
    }
}
