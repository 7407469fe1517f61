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
    private readonly IAsyncEnumerator<GenerationEvent> _events;
    private readonly Generation _generation;
    private readonly IAnswerFormat _format;
    private readonly AnswerHeader _header;
    private readonly GenerationSpan _span;
    private readonly bool _includeUsage;

    private GenerationStreamResult(
        Generation generation, IAsyncEnumerator<GenerationEvent> events, IAnswerFormat format, AnswerHeader header, GenerationSpan span, bool includeUsage)
    {
        _generation = generation;
        _events = events;
        _format = format;
        _header = header;
        _span = span;
        _includeUsage = includeUsage;
    }

    /// <summary>Waits for the first event.</summary>
    public static async Task<IResult> OpenAsync(
        Generation generation, IAnswerFormat format, AnswerHeader header, GenerationSpan span, bool includeUsage, CancellationToken cancellationToken)
    {
        var events = generation.ReadAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        var handedOver = false;
        try
        {
            if (!await events.MoveNextAsync())
            {
                span.Abandoned();
                return Results.Empty;
            }

            if (events.Current is GenerationEvent.Text or GenerationEvent.Finished)
            {
                handedOver = true;
                span.FirstToken(generation.Timings);
                return new GenerationStreamResult(generation, events, format, header, span, includeUsage);
            }

            var error = GenerationRunner.ToError(events.Current);
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
                var open = await _format.WriteFirstAsync(writer, _header, cancellationToken);
                do
                {
                    open = open && await WriteAsync(writer, events.Current, cancellationToken);
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
    private async ValueTask<bool> WriteAsync(SseWriter writer, GenerationEvent next, CancellationToken cancellationToken)
    {
        switch (next)
        {
            case GenerationEvent.Text text:
                return await _format.WriteTextAsync(writer, _header, text.Value, cancellationToken);
            case GenerationEvent.Finished finished:
                _span.Finished(finished, _generation.Timings);
                return await _format.WriteLastAsync(writer, _header, finished.FinishReason, cancellationToken)
                    && (!_includeUsage || await _format.WriteUsageAsync(writer, _header, GenerationRunner.ToUsage(finished), cancellationToken))
                    && await _format.WriteEndAsync(writer, cancellationToken);
            default:
                var error = GenerationRunner.ToError(next);
                _span.Failed(error.Body);
                return await _format.WriteErrorAsync(writer, _header, error.Body, cancellationToken);
        }
    }
}
