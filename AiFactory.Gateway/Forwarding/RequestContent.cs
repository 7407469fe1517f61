using System.Net;

namespace AiFactory.Gateway.Forwarding;

/// <summary>The client's body on its way to a replica, in one piece or around another text; it knows whether all of it went.</summary>
internal sealed class RequestContent(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second = default, ReadOnlyMemory<byte> third = default) : HttpContent
{
    public int Length => first.Length + second.Length + third.Length;

    public bool IsSent { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        IsSent = false;
        await stream.WriteAsync(first, cancellationToken);
        if (!second.IsEmpty)
        {
            await stream.WriteAsync(second, cancellationToken);
        }

        if (!third.IsEmpty)
        {
            await stream.WriteAsync(third, cancellationToken);
        }

        IsSent = true;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = Length;
        return true;
    }
}
