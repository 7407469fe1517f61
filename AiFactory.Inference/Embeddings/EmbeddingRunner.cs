using AiFactory.Inference.Engine;
using AiFactory.Inference.Native;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Telemetry;

namespace AiFactory.Inference.Embeddings;

/// <summary>From tokens to what the model makes of each text: its embedding, or its rank.</summary>
internal sealed class EmbeddingRunner(InferenceTelemetry telemetry, TimeProvider time)
{
    /// <param name="operation">The value of <c>gen_ai.operation.name</c>.</param>
    /// <returns>The values in the inputs' order and the tokens they took, or the answer to a client that gets none.</returns>
    public async Task<(float[][]? Values, int Tokens, IResult Failure)> RunAsync(
        EmbeddingEngine engine, string operation, string model, IReadOnlyList<int[]> inputs, CancellationToken cancellationToken)
    {
        using var span = new EmbeddingSpan(telemetry, operation, model, inputs, time);
        try
        {
            if (engine.TryEmbed(inputs, cancellationToken) is not { } embeddings)
            {
                return Refuse(span, OpenAIError.QueueFull(TimeSpan.FromSeconds(1)));
            }

            var values = await embeddings.WaitAsync(cancellationToken);
            span.Finished();
            return (values, span.InputTokens, Results.Empty);
        }
        catch (EngineStoppedException)
        {
            return Refuse(span, OpenAIError.Stopping());
        }
        catch (LlamaException failure)
        {
            return Refuse(span, OpenAIError.Failed(failure.Message));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            span.Abandoned();
            return (null, 0, Results.Empty);
        }
    }

    private static (float[][]? Values, int Tokens, IResult Failure) Refuse(EmbeddingSpan span, OpenAIError error)
    {
        span.Failed(error.Body.Code ?? error.Body.Type, error.Body.Message);
        return (null, 0, new OpenAIErrorResult(error));
    }
}
