using System.Buffers;
using System.Text.Json;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.SubRequests;
using AiFactory.ServiceDefaults.Streaming;

namespace AiFactory.Gateway.Anthropic;

/// <summary>Passes a streamed chat completion on as Anthropic's events, each as soon as its chunk is there. What is no stream, a refusal, is kept until it is whole.</summary>
internal sealed class MessageStream(HttpContext outer, string model) : AnswerSink, IDisposable
{
    private readonly EventSplitter _chunks = new();
    private readonly WholeAnswer _whole = new();
    private MessageEvents? _events;
    private SseWriter? _writer;
    private bool _ended;

    public override ValueTask BeginAsync(int status, IHeaderDictionary headers, CancellationToken cancellationToken)
    {
        if (status != StatusCodes.Status200OK || !headers.ContentType.ToString().StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            return _whole.BeginAsync(status, headers, cancellationToken);
        }

        WholeAnswer.CopyHeaders(headers, outer.Response);
        outer.Response.Headers["request-id"] = outer.TraceIdentifier;
        _writer = SseWriter.Start(outer.Response);
        _events = new MessageEvents(model, outer.TraceIdentifier);
        return ValueTask.CompletedTask;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        if (_events is null)
        {
            await _whole.WriteAsync(piece, cancellationToken);
            return;
        }

        _chunks.Append(piece);
        while (_chunks.TryRead(out var data))
        {
            if (!_ended)
            {
                await TakeAsync(_events, data, cancellationToken);
            }
        }
    }

    /// <summary>The answer is over, whole or not.</summary>
    public async ValueTask EndAsync()
    {
        if (outer.RequestAborted.IsCancellationRequested || _ended)
        {
            return;
        }

        if (_events is not null)
        {
            // It ended without its last event: what finished it is known, or it broke off.
            if (_events.IsFinished)
            {
                _events.End();
                await FlushAsync(_events, outer.RequestAborted);
            }
            else
            {
                await FailAsync(OpenAIError.UpstreamBroke, outer.RequestAborted);
            }

            return;
        }

        _whole.CopyHeaders(outer.Response);
        using var answer = _whole.Parse();
        await AnthropicErrorWriter.WriteAsync(outer, _whole.Status >= StatusCodes.Status400BadRequest ? AnsweredError.Of(_whole.Status, answer?.RootElement) : MessageAnswer.Unreadable);
    }

    public void Dispose()
    {
        _writer?.Dispose();
        _events?.Dispose();
    }

    private async ValueTask TakeAsync(MessageEvents events, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (data.Span.SequenceEqual("[DONE]"u8))
        {
            _ended = true;
            events.End();
            await FlushAsync(events, cancellationToken);
            return;
        }

        OpenAIError? error;
        try
        {
            using var chunk = JsonDocument.Parse(data);
            error = chunk.RootElement.ValueKind != JsonValueKind.Object ? MessageAnswer.Unreadable
                : chunk.RootElement.TryGet("error"u8, out _) ? AnsweredError.Of(StatusCodes.Status502BadGateway, chunk.RootElement)
                : events.Take(chunk.RootElement);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // No JSON, or a text in it that is no Unicode.
            error = MessageAnswer.Unreadable;
        }

        await FlushAsync(events, cancellationToken);
        if (error is not null)
        {
            await FailAsync(error, cancellationToken);
        }
    }

    private async ValueTask FailAsync(OpenAIError error, CancellationToken cancellationToken)
    {
        _ended = true;
        var data = new ArrayBufferWriter<byte>(256);
        AnthropicErrorWriter.Write(data, error, outer.TraceIdentifier);
        if (_writer is { } writer)
        {
            await writer.WriteAsync(data.WrittenMemory, "error", cancellationToken);
        }
    }

    private async ValueTask FlushAsync(MessageEvents events, CancellationToken cancellationToken)
    {
        while (_writer is { } writer && events.TryTake(out var name, out var data))
        {
            await writer.WriteAsync(data, name, cancellationToken);
        }
    }
}
