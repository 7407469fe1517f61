using System.Text;
using AiFactory.Gateway.Tests.Edges;

namespace AiFactory.Gateway.Tests.Fuzzing;

/// <summary>One thing to send: a request that was right, and was then spoiled in none, one or several places. The same for the same number.</summary>
/// <param name="IsSocket">Whether it asks for a WebSocket, whose frames are sent once it is granted.</param>
internal sealed record FuzzedRequest(byte[] Bytes, byte[] Frames, bool IsSocket)
{
    private static readonly string[] Paths =
    [
        "/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/rerank", "/v1/responses", "/v1/score", "/v1/messages", "/v1/messages/count_tokens", "/tokenize",
        "/api/infer", "/v2/models/demo-chat/infer", "/v2/models/secret-chat", "/v1/models", "/v1/models/secret-chat", "/v1/models/demo-chat", "/v2", "/healthz", "/", "/v1/nothing",
    ];

    private static readonly string[] Models =
    [
        "\"demo-chat\"", "\"secret-chat\"", "\"other/secret-chat\"", "\"../secret-chat\"", "\"SECRET-CHAT\"", "\"flow/secret\"", "\"\"", "null", "7",
        "\"demo-chat\\u0000\"", "\"\\ud800\"", "\"demo-\\u0063hat\"", "[\"demo-chat\"]", "{\"model\":\"secret-chat\"}", "\"demo-chat\",\"model\":\"secret-chat\"",
    ];

    private static readonly string[] Values =
    [
        "[]", "[{\"role\":\"user\",\"content\":\"Hello\"}]", "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Hello\"}]}]", "\"Hello\"", "[[[[[]]]]]", "1e999", "-0", "null", "true", "{}",
        "18446744073709551616", "\"\\ud83d\"", "\"a\u0000b\"", "NaN", "[1,2,", "{\"a\":{\"a\":{\"a\":1}}}", "[null]", "0.1",
    ];

    private static readonly string[] Names =
    [
        "messages", "prompt", "input", "query", "documents", "stream", "stream_options", "max_tokens", "n", "temperature", "tools", "tool_choice", "response_format", "system", "payload", "inputs", "user",
        "metadata", "logit_bias", "stop",
    ];

    private static readonly string[] Headers =
    [
        "OpenAI-Project: other", "OpenAI-Project: default", "OpenAI-Project: ../other", "x-aifactory-deployment: secret-chat", "x-aifactory-session: a", "x-request-id: \u0001", "Content-Encoding: gzip",
        "Expect: 100-continue", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked", "Content-Length: 5", "Content-Length: -1", "Content-Length: 99999999999999999999", "Host: other", "Host:",
        "Cookie: aifactory_session=abc", "traceparent: 00-0-0-0", "x-slo-ttft-ms: -1", "x-gateway-inference-objective: 99999999999", "x-gateway-inference-objective: -5", "Range: bytes=0-1", "Upgrade: h2c",
        "Connection: Authorization, x-request-id", "Accept: text/event-stream", "Cache-Control: no-cache", "x-aifactory-explain: 1", "x-aifactory-cache: bypass", "anthropic-version: 1", "bad header", ": no name",
        "x-api-key: aif_other", "Content-Type: text/plain", "Content-Type: application/json; charset=utf-16", "Forwarded: for=\"[\"", "TE: trailers", "Trailer: x",
    ];

    private static readonly string?[] Credentials = [Plan.ViewerKey, Plan.ExpiredKey, null, "aif_", "a.b.c", "\u00e9"];

    /// <param name="nonce">In the body where the body stayed whole; the worker says it back.</param>
    public static FuzzedRequest Make(int number, string nonce)
    {
        var random = new Random(number);
        return random.Next(20) switch
        {
            0 => new FuzzedRequest(Garbage(random), [], IsSocket: false),
            1 or 2 => Socket(random, nonce),
            _ => new FuzzedRequest(Http(random, nonce), [], IsSocket: false),
        };
    }

    private static byte[] Http(Random random, string nonce)
    {
        var body = Encoding.UTF8.GetBytes(Body(random, nonce));
        if (random.Next(4) == 0)
        {
            Spoil(random, body);
        }

        var path = random.Next(12) == 0 ? OddPath(random) : random.Next(3) == 0 ? "/v1/chat/completions" : Pick(random, Paths);
        var post = random.Next(8) != 0 && path is not "/v1/models" and not "/healthz";
        var head = new StringBuilder($"{(post ? "POST" : Pick(random, ["GET", "GET", "HEAD", "DELETE", "PUT", "OPTIONS", "TRACE", "post", "X"]))} {path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n");
        if ((random.Next(4) == 0 ? Pick(random, Credentials) : Plan.DeveloperKey) is { } key)
        {
            head.Append(random.Next(5) == 0 ? $"x-api-key: {key}\r\n" : $"Authorization: Bearer {key}\r\n");
        }

        for (var i = random.Next(3) - 1; i > 0; i--)
        {
            head.Append(Pick(random, Headers)).Append("\r\n");
        }

        if (random.Next(60) == 0)
        {
            head.Append("x-long: ").Append('a', 40_000).Append("\r\n");
        }

        // What is chunked may be cut badly, and what has a length may have another.
        var chunked = random.Next(6) == 0;
        var length = random.Next(25) == 0 ? random.Next(body.Length * 2) : body.Length;
        head.Append(chunked ? "Transfer-Encoding: chunked\r\n\r\n" : $"Content-Length: {length}\r\nContent-Type: application/json\r\n\r\n");
        var bytes = (byte[])[.. Encoding.Latin1.GetBytes(head.ToString()), .. chunked ? Chunked(random, body) : body];
        if (random.Next(15) == 0)
        {
            Spoil(random, bytes);
        }

        return random.Next(25) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }

    private static FuzzedRequest Socket(Random random, string nonce)
    {
        var head = $"GET {Pick(random, ["/v1/chat/completions", "/v1/completions", "/v1/responses"])} HTTP/1.1\r\nHost: gateway\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer {Plan.DeveloperKey}\r\n\r\n";
        using var frames = new MemoryStream();
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            var message = Encoding.UTF8.GetBytes(Body(random, nonce));
            if (random.Next(3) == 0)
            {
                Spoil(random, message);
            }

            Frame(random, frames, message);
        }

        var bytes = frames.ToArray();
        if (random.Next(6) == 0)
        {
            Spoil(random, bytes);
        }

        return new FuzzedRequest(Encoding.ASCII.GetBytes(head), bytes, IsSocket: true);
    }

    /// <summary>RFC 6455, section 5.2; now and then with an opcode, a flag or a length that is not right.</summary>
    private static void Frame(Random random, MemoryStream to, byte[] payload)
    {
        var opcode = random.Next(8) == 0 ? random.Next(16) : 1;
        var mask = random.Next(12) != 0;
        to.WriteByte((byte)((random.Next(10) == 0 ? 0 : 0x80) | (random.Next(20) == 0 ? 0x40 : 0) | opcode));
        var masked = mask ? 0x80 : 0;
        var length = random.Next(20) == 0 ? random.Next(70_000) : payload.Length;
        if (length < 126)
        {
            to.WriteByte((byte)(masked | length));
        }
        else if (length <= ushort.MaxValue)
        {
            to.Write([(byte)(masked | 126), (byte)(length >> 8), (byte)length]);
        }
        else
        {
            to.Write([(byte)(masked | 127), random.Next(3) == 0 ? (byte)0x80 : (byte)0, 0, 0, 0, 0, (byte)(length >> 16), (byte)(length >> 8), (byte)length]);
        }

        byte[] key = [1, 2, 3, 4];
        if (mask)
        {
            to.Write(key);
        }

        for (var i = 0; i < payload.Length; i++)
        {
            to.WriteByte((byte)(mask ? payload[i] ^ key[i % 4] : payload[i]));
        }
    }

    private static string Body(Random random, string nonce)
    {
        if (random.Next(40) == 0)
        {
            return Pick(random, ["", "[]", "null", "{", "\u00ef\u00bb\u00bf{}", new string('[', 5_000), $"{{\"a\":{new string('[', 400)}{new string(']', 400)}}}", "\"", "{}{}"]);
        }

        var body = new StringBuilder($$"""{"model":{{(random.Next(3) == 0 ? Pick(random, Models) : Models[0])}},"nonce":"{{nonce}}","request_id":"{{nonce}}","messages":[{"role":"user","content":"Hello"}],"max_tokens":8,"input":"Hello","prompt":"Hello" """);
        for (var i = random.Next(4); i > 0; i--)
        {
            body.Append($",\"{Pick(random, Names)}\":{Pick(random, Values)}");
        }

        return body.Append('}').ToString();
    }

    private static byte[] Chunked(Random random, byte[] body)
    {
        using var chunks = new MemoryStream();
        for (var at = 0; at < body.Length;)
        {
            var size = Math.Min(random.Next(1, 200), body.Length - at);
            var told = random.Next(40) switch { 0 => size + 1, 1 => Math.Max(0, size - 1), _ => size };
            chunks.Write(Encoding.ASCII.GetBytes(random.Next(60) == 0 ? "ffffffffffffffffff\r\n" : random.Next(20) == 0 ? $"{told:x};a=b\r\n" : $"{told:x}\r\n"));
            chunks.Write(body.AsSpan(at, size));
            chunks.Write("\r\n"u8);
            at += size;
        }

        chunks.Write(random.Next(20) == 0 ? "0\r\nx: y\r\n\r\n"u8 : "0\r\n\r\n"u8);
        return chunks.ToArray();
    }

    private static string OddPath(Random random) => random.Next(8) switch
    {
        0 => "/v1/../v1/chat/completions",
        1 => "/v1/models/" + new string('a', 3_000),
        2 => "/v1/models/%00",
        3 => "/v1/models/%2e%2e%2fsecret-chat",
        4 => "//v1//chat/completions",
        5 => "/v2/models/secret-chat/versions/%ff/infer",
        6 => "/v1/chat/completions?" + new string('&', 2_000),
        _ => "/%c0%ae%c0%ae/" + random.Next(),
    };

    private static byte[] Garbage(Random random)
    {
        var bytes = new byte[random.Next(1, 2_000)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static void Spoil(Random random, byte[] bytes)
    {
        for (var i = random.Next(1, 4); i > 0 && bytes.Length > 0; i--)
        {
            bytes[random.Next(bytes.Length)] = random.Next(3) switch { 0 => (byte)random.Next(256), 1 => (byte)'"', _ => 0 };
        }
    }

    private static T Pick<T>(Random random, T[] from) => from[random.Next(from.Length)];
}
