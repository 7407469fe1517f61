using System.Buffers.Text;
using System.Text;

namespace AiFactory.Benchmarks.GatewayLoad;

/// <summary>As much of HTTP/1.1 as both ends of the load need: where a message ends.</summary>
internal static class HttpText
{
    private static ReadOnlySpan<byte> EndOfHead => "\r\n\r\n"u8;

    /// <summary>The length of the first message in these bytes, and where its body begins; -1 while it is not whole.</summary>
    public static int Measure(ReadOnlySpan<byte> bytes, out int body)
    {
        body = bytes.IndexOf(EndOfHead) + EndOfHead.Length;
        if (body < EndOfHead.Length)
        {
            return -1;
        }

        var head = bytes[..body];
        if (Find(head, "content-length:") is { Length: > 0 } value && Utf8Parser.TryParse(value, out int length, out _))
        {
            return bytes.Length >= body + length ? body + length : -1;
        }

        if (Find(head, "transfer-encoding:").IsEmpty)
        {
            return body;
        }

        var end = bytes[body..].IndexOf("0\r\n\r\n"u8);
        return end < 0 ? -1 : body + end + 5;
    }

    /// <summary>A chat completion as an OpenAI client asks for it.</summary>
    /// <param name="more">Members to add, each with its comma before it.</param>
    public static byte[] ChatRequest(LoadTarget target, string more = "")
    {
        var body = $$$"""{"model":"{{{target.Model}}}","messages":[{"role":"system","content":"You are a helpful assistant that answers in one sentence."},{"role":"user","content":"What is the capital of the country that lies south of Denmark?"}],"max_tokens":64,"temperature":0{{{more}}}}""";
        var head = new StringBuilder()
            .Append("POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:").Append(target.Port)
            .Append("\r\nAccept: application/json\r\nContent-Type: application/json\r\nUser-Agent: OpenAI/Python 2.8.0\r\nX-Stainless-Lang: python\r\n");
        foreach (var (name, value) in target.Headers)
        {
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        return Encoding.ASCII.GetBytes(head.Append("Content-Length: ").Append(body.Length).Append("\r\n\r\n").Append(body).ToString());
    }

    /// <param name="name">In lower case, with its colon.</param>
    private static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> head, string name)
    {
        while (true)
        {
            var line = head.IndexOf("\r\n"u8);
            if (line <= 0)
            {
                return default;
            }

            if (line > name.Length && Ascii.EqualsIgnoreCase(head[..name.Length], name))
            {
                return head[name.Length..line].TrimStart((byte)' ');
            }

            head = head[(line + 2)..];
        }
    }
}
