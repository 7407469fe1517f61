using System.Text;

namespace AiFactory.Benchmarks.GatewayLoad.Upstream;

/// <summary>What the instant upstream says, made once.</summary>
internal static class UpstreamAnswers
{
    public static byte[] Chat { get; } = Json(
        """{"id":"chatcmpl-1","object":"chat.completion","created":1767225600,"model":"instant","choices":[{"index":0,"message":{"role":"assistant","content":"Bern is the seat of the Swiss government, but the country directly south of Denmark is Germany, whose capital is Berlin."},"finish_reason":"stop"}],"usage":{"prompt_tokens":31,"completion_tokens":26,"total_tokens":57}}""");

    public static byte[] Embedding { get; } = Json(
        """{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.0023064255,-0.009327292,0.015797347,-0.007780322]}],"model":"instant","usage":{"prompt_tokens":8,"total_tokens":8}}""");

    /// <summary>To whatever else is posted, telemetry for one.</summary>
    public static byte[] Nothing { get; } = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

    /// <summary>nginx would collect the chunks of a stream that does not ask it to pass them on.</summary>
    public static byte[] StreamHead { get; } = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Accel-Buffering: no\r\nTransfer-Encoding: chunked\r\n\r\n");

    public static byte[] StreamEnd { get; } = Encoding.ASCII.GetBytes("e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n");

    public static byte[] Json(string text) =>
        Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(text)}\r\n\r\n{text}");
}
