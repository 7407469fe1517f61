using System.Net;

namespace AiFactory.Gateway.Forwarding;

/// <summary>The client's body on its way to a replica; it knows whether all of it went.</summary>
internal sealed class RequestContent(ArraySegment<byte> body) : HttpContent
{
    public bool IsSent { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        IsSent = false;
        await stream.WriteAsync(body, cancellationToken);
        IsSent = true;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = body.Count;
        return true;
    }
}
