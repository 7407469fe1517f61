using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.Forwarding;

/// <summary>How a service that makes images is told to answer with their bytes: by the last member of what it is sent, or, where it has no other form of answer and refuses to be told so, not at all. A variant or a fallback may be of the other kind.</summary>
internal static class ImageFormat
{
    /// <summary>Models of OpenAI's that always answer with the bytes.</summary>
    private const string AlwaysBytes = "gpt-image";

    /// <summary>What the body of every request for images ends with.</summary>
    public static ReadOnlySpan<byte> End => ",\"response_format\":\"b64_json\"}"u8;

    /// <summary>The body as this deployment takes it.</summary>
    public static ReadOnlyMemory<byte> For(Deployment deployment, Operation operation, ReadOnlyMemory<byte> body)
    {
        var isRefused = operation == Operation.Image && body.Span.EndsWith(End) && (deployment.Upstream?.Model ?? deployment.Route.Model).Contains(AlwaysBytes, StringComparison.OrdinalIgnoreCase);
        return isRefused ? (byte[])[.. body.Span[..^End.Length], (byte)'}'] : body;
    }
}
