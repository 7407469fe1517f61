using AiFactory.Inference.Engine;
using AiFactory.Inference.Engine.Admission;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Telemetry;

namespace AiFactory.Inference.Embeddings;

/// <summary>From tokens to what the model makes of each text: its embedding, or its rank.</summary>
internal sealed class EmbeddingRunner(InferenceTelemetry telemetry, TimeProvider time)
{
    /// <param name="operation">The value of <c>gen_ai.operation.name</c>.</param>
    /// <returns>The values in the inputs' order and the tokens they took, or the answer to a client that gets none.</returns>
    public async Task<(float[][]? Values, int Tokens, IResult Failure)> RunAsync(
        EmbeddingEngine engine, string operation, string model, IReadOnlyList<int[]> inputs, RequestTerms terms, CancellationToken cancellationToken)
    {
        using var span = new EmbeddingSpan(telemetry, operation, model, inputs, time);
        try
        {
            var outcome = await engine.EmbedAsync(inputs, terms, cancellationToken).WaitAsync(cancellationToken);
            if (outcome is not EmbeddingOutcome.Computed computed)
            {
                return Refuse(span, ToError(outcome));
            }

            span.Finished();
            return (computed.Values, span.InputTokens, Results.Empty);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            span.Abandoned();
            return (null, 0, Results.Empty);
        }
    }

    private static OpenAIError ToError(EmbeddingOutcome outcome) => outcome switch
    {
        EmbeddingOutcome.QueueFull full => OpenAIError.QueueFull(full.RetryAfter),
        EmbeddingOutcome.Expired expired => OpenAIError.DeadlineExceeded(expired.RetryAfter),
        EmbeddingOutcome.Failed failed => OpenAIError.Failed(failed.Reason),
        _ => OpenAIError.Stopping(),
    };

    private static (float[][]? Values, int Tokens, IResult Failure) Refuse(EmbeddingSpan span, OpenAIError error)
    {
        span.Failed(error.Body.Code ?? error.Body.Type, error.Body.Message);
        return (null, 0, new OpenAIErrorResult(error));
    }
}
