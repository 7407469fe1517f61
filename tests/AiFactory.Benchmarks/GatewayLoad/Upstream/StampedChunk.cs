using System.Text;

namespace AiFactory.Benchmarks.GatewayLoad.Upstream;

/// <summary>One event of a stream, with the moment of its sending in it (<c>"t":</c> and nineteen digits), as chunked coding carries it.</summary>
internal sealed class StampedChunk
{
    public const int Digits = 19;

    private readonly byte[] _bytes;
    private readonly int _digits;

    public StampedChunk()
    {
        var text = """data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1767225600,"model":"instant","choices":[{"index":0,"delta":{"content":" Berlin"},"finish_reason":null}],"t":"""
            + new string('0', Digits) + "}\n\n";
        _bytes = Encoding.ASCII.GetBytes($"{text.Length:x}\r\n{text}\r\n");
        _digits = _bytes.AsSpan().IndexOf(Mark) + Mark.Length;
    }

    public static ReadOnlySpan<byte> Mark => "\"t\":"u8;

    public ReadOnlySpan<byte> Stamped(long time)
    {
        for (var at = _digits + Digits - 1; at >= _digits; at--)
        {
            _bytes[at] = (byte)('0' + (time % 10));
            time /= 10;
        }

        return _bytes;
    }

    /// <param name="digits">Nineteen of them.</param>
    public static long Read(ReadOnlySpan<byte> digits)
    {
        long time = 0;
        foreach (var digit in digits)
        {
            time = (time * 10) + (digit - '0');
        }

        return time;
    }
}
