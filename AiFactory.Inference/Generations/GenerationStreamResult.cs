using AiFactory.Inference.Engine;
using AiFactory.Inference.OpenAI;
using AiFactory.ServiceDefaults.Streaming;

namespace AiFactory.Inference.Generations;

/// <summary>
/// Streams an answer as server-sent events: <c>data: {chunk}</c> for each piece of text, at last <c>data: [DONE]</c>. Its headers are sent with the first token, so that a request
/// that fails before it still answers with a proper status, and a gateway may try another replica.
/// </summary>
internal sealed class GenerationStreamResult : IResult
{
    private readonly IAsyncEnumerator<(int Index, GenerationEvent Event)> _events;
    private readonly GenerationGroup _group;
    private readonly IAnswerFormat _format;
    private readonly AnswerHeader _header;
    private readonly GenerationSpan _span;
    private readonly bool _includeUsage;
    private readonly string[] _reasons;
    private int _finished;

    private GenerationStreamResult(
        GenerationGroup group, IAsyncEnumerator<(int Index, GenerationEvent Event)> events, IAnswerFormat format, AnswerHeader header, GenerationSpan span, bool includeUsage)
    {
        _group = group;
        _reasons = new string[group.Count];
        _events = events;
        _format = format;
        _header = header;
        _span = span;
        _includeUsage = includeUsage;
    }

    /// <summary>Waits for the first event.</summary>
    public static async Task<IResult> OpenAsync(
        GenerationGroup group, IAnswerFormat format, AnswerHeader header, GenerationSpan span, bool includeUsage, CancellationToken cancellationToken)
    {
        var events = group.ReadAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        var handedOver = false;
        try
        {
            if (!await events.MoveNextAsync())
            {
                span.Abandoned();
                return Results.Empty;
            }

            if (events.Current.Event is GenerationEvent.Text or GenerationEvent.Finished)
            {
                handedOver = true;
                span.FirstToken(group.Timings);
                return new GenerationStreamResult(group, events, format, header, span, includeUsage);
            }

            var error = GenerationRunner.ToError(events.Current.Event);
            span.Failed(error.Body);
            return new OpenAIErrorResult(error);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            span.Abandoned();
            return Results.Empty;
        }
        finally
        {
            if (!handedOver)
            {
                await events.DisposeAsync();
                span.Dispose();
            }
        }
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var cancellationToken = httpContext.RequestAborted;
        using (_span)
        {
            await using var events = _events;
            using var writer = SseWriter.Start(httpContext.Response);
            try
            {
                var open = true;
                for (var i = 0; i < _group.Count && open; i++)
                {
                    open = await _format.WriteFirstAsync(writer, _header, i, cancellationToken);
                }

                do
                {
                    open = open && await WriteAsync(writer, events.Current.Index, events.Current.Event, cancellationToken);
                }
                while (open && await events.MoveNextAsync());
                if (!open)
                {
                    _span.Abandoned();
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                _span.Abandoned();
            }
        }
    }

    /// <returns>False when the client has left.</returns>
    private async ValueTask<bool> WriteAsync(SseWriter writer, int index, GenerationEvent next, CancellationToken cancellationToken)
    {
        switch (next)
        {
            case GenerationEvent.Text text:
                return await _format.WriteTextAsync(writer, _header, index, text, cancellationToken);
            case GenerationEvent.Finished finished:
                _reasons[index] = finished.FinishReason;
                if (!await _format.WriteLastAsync(writer, _header, index, finished.FinishReason, cancellationToken))
                {
                    return false;
                }

                return ++_finished < _group.Count || await EndAsync(writer, cancellationToken);
            default:
                var error = GenerationRunner.ToError(next);
                _span.Failed(error.Body);
                return await _format.WriteErrorAsync(writer, _header, error.Body, cancellationToken);
        }
    }

    private async ValueTask<bool> EndAsync(SseWriter writer, CancellationToken cancellationToken)
    {
        var usage = _group.Usage;
        _span.Finished(usage.CompletionTokens ?? 0, _reasons, _group.Timings);
        return (!_includeUsage || await _format.WriteUsageAsync(writer, _header, usage, cancellationToken))
            && await _format.WriteEndAsync(writer, cancellationToken);
    }
}
