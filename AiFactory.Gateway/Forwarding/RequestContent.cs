using System.Net;

namespace AiFactory.Gateway.Forwarding;

/// <summary>The client's body on its way to a replica, in one piece or in several; it knows whether all of it went.</summary>
internal sealed class RequestContent(params ReadOnlyMemory<byte>[] pieces) : HttpContent
{
    public int Length => pieces.Sum(piece => piece.Length);

    public bool IsSent { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        IsSent = false;
        foreach (var piece in pieces)
        {
            await stream.WriteAsync(piece, cancellationToken);
        }

        IsSent = true;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = Length;
        return true;
    }
}
