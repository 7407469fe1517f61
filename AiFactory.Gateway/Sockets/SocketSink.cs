using System.Buffers;
using System.Text.Json;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Sockets;

/// <summary>
/// Passes one request's answer on as messages: each chunk, or the whole answer, as its route writes it with the request's id in front; then how it ended.
/// <code>
/// {"request_id":"a","id":"chatcmpl-1","object":"chat.completion.chunk","choices":[...]}
/// {"request_id":"a","type":"done"}
/// {"request_id":"a","type":"error","status":429,"retry_after":"7","error":{"message":"...","type":"...","param":null,"code":"..."}}
/// </code>
/// </summary>
internal sealed class SocketSink(string id, SocketSession session) : AnswerSink
{
    private readonly EventSplitter _events = new();
    private readonly WholeAnswer _whole = new();
    private bool _streams;
    private OpenAIError? _failure;

    public override ValueTask BeginAsync(int status, IHeaderDictionary headers, CancellationToken cancellationToken)
    {
        _streams = status == StatusCodes.Status200OK && headers.ContentType.ToString().StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase);
        return _whole.BeginAsync(status, headers, cancellationToken);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        if (!_streams)
        {
            await _whole.WriteAsync(piece, cancellationToken);
            return;
        }

        _events.Append(piece);
        while (_events.TryRead(out var data))
        {
            await TakeAsync(data, cancellationToken);
        }
    }

    public override void Abort() => _whole.Abort();

    /// <summary>The last message of this request.</summary>
    public async ValueTask EndAsync(bool isCancelled, CancellationToken cancellationToken)
    {
        if (isCancelled)
        {
            await session.SendAsync(SocketText.End(id, "cancelled"), cancellationToken);
            return;
        }

        var failure = _failure ?? (_whole.IsBroken ? OpenAIError.UpstreamBroke : null);
        if (!_streams && failure is null)
        {
            using var answer = _whole.Parse();
            failure = _whole.Status >= StatusCodes.Status400BadRequest ? AnsweredError.Of(_whole.Status, answer?.RootElement)
                : answer?.RootElement.ValueKind != JsonValueKind.Object ? OpenAIError.UpstreamBroke
                : null;
            if (failure is null)
            {
                await session.SendAsync(SocketText.WithId(id, _whole.Body.Span), cancellationToken);
            }
        }

        await session.SendAsync(failure is null ? SocketText.End(id, "done") : SocketText.Error(id, "error", failure, _whole.Headers.RetryAfter), cancellationToken);
    }

    private async ValueTask TakeAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        // An error in the middle is what ends the request; [DONE] says nothing more than the end does.
        if (data.Span.StartsWith("{\"error\""u8))
        {
            _failure = Read(data);
        }
        else if (data.Span.StartsWith("{"u8))
        {
            await session.SendAsync(SocketText.WithId(id, data.Span), cancellationToken);
        }
    }

    private static OpenAIError Read(ReadOnlyMemory<byte> data)
    {
        try
        {
            using var error = JsonDocument.Parse(data);
            return AnsweredError.Of(StatusCodes.Status502BadGateway, error.RootElement);
        }
        catch (JsonException)
        {
            return OpenAIError.UpstreamBroke;
        }
    }
}
