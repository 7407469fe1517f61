using System.Net.Sockets;

namespace AiFactory.Benchmarks.GatewayLoad;

/// <summary>A kept-alive connection of <see cref="LoadClient"/>: one request at a time.</summary>
internal sealed class LoadConnection(Socket socket, Reactor reactor, byte[] request, Action<LoadConnection> answered) : Peer(socket)
{
    private readonly byte[] _answer = new byte[16 * 1024];
    private int _length;

    /// <summary>When the request was to be sent, whether it could be then or not.</summary>
    public long Intended { get; private set; }

    public void Send(long intended)
    {
        Intended = intended;
        if (!TrySend(request))
        {
            throw new InvalidOperationException("The door does not take a request of a few hundred bytes.");
        }
    }

    public override void OnReadable()
    {
        if (Read(_answer.AsSpan(_length)) is not { } read)
        {
            return;
        }

        if (read == 0)
        {
            throw new InvalidOperationException($"The door closed a connection; it had answered: {System.Text.Encoding.UTF8.GetString(_answer, 0, _length)}");
        }

        _length += read;
        var answer = _answer.AsSpan(0, _length);
        if (HttpText.Measure(answer, out _) < 0)
        {
            return;
        }

        if (!answer.StartsWith("HTTP/1.1 200 "u8))
        {
            throw new InvalidOperationException($"The door answered: {System.Text.Encoding.UTF8.GetString(answer)}");
        }

        _length = 0;
        answered(this);
    }

    public void Close() => reactor.Close(this);
}
