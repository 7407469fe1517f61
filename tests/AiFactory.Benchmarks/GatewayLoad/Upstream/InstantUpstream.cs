using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AiFactory.Benchmarks.GatewayLoad.Upstream;

/// <summary>
/// A model server that takes no time: one thread, one write for each answer or chunk, so that little of the machine goes to it. It runs in a process of its
/// own (<c>AiFactory.Benchmarks instant-upstream PORT</c>) until its standard input ends.
/// </summary>
internal sealed class InstantUpstream : IDisposable
{
    public const string Command = "instant-upstream";

    private readonly Reactor _reactor = new();
    private readonly StreamWheel _wheel = new();
    private readonly HashSet<UpstreamConnection> _open = [];
    private readonly StringBuilder _report = new();
    private int _phase;

    public StampedChunk Chunk { get; } = new();

    /// <summary>Chunks that a door did not take in time.</summary>
    public long Stalled { get; set; }

    public static int Run(string port)
    {
        new Thread(() =>
        {
            while (System.Console.In.Read() >= 0)
            {
            }

            Environment.Exit(0);
        }) { IsBackground = true }.Start();

        using var upstream = new InstantUpstream();
        upstream.Serve(int.Parse(port, CultureInfo.InvariantCulture));
        return 0;
    }

    /// <summary>Spreads the streams over their interval, so that they do not all send at once.</summary>
    public void Begin(UpstreamConnection stream) => _wheel.Add(stream, 1 + (_phase++ % stream.Interval));

    public void Seen(UpstreamConnection connection)
    {
        _open.Add(connection);
        Note('+', connection);
    }

    public void Left(UpstreamConnection connection)
    {
        if (_open.Remove(connection))
        {
            Note('-', connection);
        }
    }

    /// <summary>What the benchmark asks beside the load; anything else is answered with nothing.</summary>
    public ReadOnlySpan<byte> AnswerControl(ReadOnlySpan<byte> request)
    {
        if (request.StartsWith("POST /finish "u8))
        {
            foreach (var stream in _open)
            {
                stream.Finish();
            }

            _open.RemoveWhere(stream => stream.OpenRequest == 0);
        }
        else if (request.StartsWith("GET /open "u8))
        {
            return UpstreamAnswers.Json(string.Create(CultureInfo.InvariantCulture, $"{_open.Count} {Stalled}"));
        }
        else if (request.StartsWith("GET /report "u8))
        {
            return UpstreamAnswers.Json(_report.ToString());
        }

        return UpstreamAnswers.Nothing;
    }

    public void Dispose() => _reactor.Dispose();

    private void Note(char what, UpstreamConnection connection)
    {
        if (connection.OpenRequest > 0)
        {
            _report.Append(CultureInfo.InvariantCulture, $"{what}{connection.OpenRequest} {Reactor.Now}\n");
        }
    }

    private void Serve(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        socket.Listen(4096);
        _reactor.Add(new Listener(socket, _reactor, this));
        while (true)
        {
            _reactor.Poll(_wheel.Next);
            _wheel.Turn();
        }
    }

    private sealed class Listener(Socket socket, Reactor reactor, InstantUpstream upstream) : Peer(socket)
    {
        public override void OnReadable()
        {
            while (Socket.Poll(0, SelectMode.SelectRead))
            {
                var accepted = Socket.Accept();
                accepted.NoDelay = true;
                reactor.Add(new UpstreamConnection(accepted, reactor, upstream));
            }
        }
    }
}
