using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.IO.Pipelines;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AiFactory.Hosting.Dashboard.Grpc;

/// <summary>
/// One call of gRPC over HTTP/2, https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md. Each message has a prefix of five bytes:
/// <code>
/// 00                compressed flag: never here
/// 00 00 00 2a       length, big-endian
/// </code>
/// The outcome is in the trailers: <c>grpc-status</c> and, in percent encoding, <c>grpc-message</c>.
/// </summary>
internal sealed class GrpcCall(HttpContext context)
{
    private const int PrefixLength = 5;
    private const int MaxMessageLength = 16 * 1024 * 1024;

    public CancellationToken Aborted => context.RequestAborted;

    /// <summary>Sends the headers: a stream that is quiet at first must begin all the same.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        context.Response.ContentType = "application/grpc";
        await context.Response.StartAsync(cancellationToken);
        await context.Response.BodyWriter.FlushAsync(cancellationToken);
    }

    /// <summary>The one message of a call whose request is not a stream.</summary>
    public async Task<T> ReadAsync<T>(MessageParser<T> parser, CancellationToken cancellationToken)
        where T : IMessage<T>
    {
        var reader = context.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            if (TryParse(result.Buffer, parser, out var message))
            {
                reader.AdvanceTo(result.Buffer.End);
                return message;
            }

            if (result.IsCompleted)
            {
                throw new GrpcException(GrpcStatus.InvalidArgument, "The request ended within its message.");
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    public async Task WriteAsync(IMessage message, CancellationToken cancellationToken)
    {
        Write(context.Response.BodyWriter, message);
        await context.Response.BodyWriter.FlushAsync(cancellationToken);
    }

    public async Task EndAsync(GrpcStatus status, string? message = null)
    {
        context.Response.ContentType ??= "application/grpc";
        var trailers = context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers;
        if (trailers is null || trailers.IsReadOnly)
        {
            return;
        }

        trailers["grpc-status"] = ((int)status).ToString(CultureInfo.InvariantCulture);
        if (message is not null)
        {
            trailers["grpc-message"] = Uri.EscapeDataString(message);
        }

        await context.Response.CompleteAsync();
    }

    internal static void Write(PipeWriter writer, IMessage message)
    {
        var length = message.CalculateSize();
        var prefix = writer.GetSpan(PrefixLength);
        prefix[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(prefix[1..], length);
        writer.Advance(PrefixLength);
        message.WriteTo(writer);
    }

    internal static bool TryParse<T>(ReadOnlySequence<byte> buffer, MessageParser<T> parser, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T message)
        where T : IMessage<T>
    {
        message = default;
        if (buffer.Length < PrefixLength)
        {
            return false;
        }

        Span<byte> prefix = stackalloc byte[PrefixLength];
        buffer.Slice(0, PrefixLength).CopyTo(prefix);
        if (prefix[0] != 0)
        {
            throw new GrpcException(GrpcStatus.Unimplemented, "Compressed messages are not taken.");
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        if (length > MaxMessageLength)
        {
            throw new GrpcException(GrpcStatus.ResourceExhausted, $"A message of {length} bytes is too long.");
        }

        if (buffer.Length < PrefixLength + length)
        {
            return false;
        }

        message = parser.ParseFrom(buffer.Slice(PrefixLength, length));
        return true;
    }
}
