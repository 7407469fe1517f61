using AiFactory.Inference.Engine;
using AiFactory.Inference.Native;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Telemetry;

namespace AiFactory.Inference.Embeddings;

/// <summary>From tokens to what the model makes of each text: its embedding, or its rank.</summary>
internal sealed class EmbeddingRunner(InferenceTelemetry telemetry)
{
    /// <param name="operation">The value of <c>gen_ai.operation.name</c>.</param>
    /// <returns>The values in the inputs' order and the tokens they took, or the answer to a client that gets none.</returns>
    public async Task<(float[][]? Values, int Tokens, IResult Failure)> RunAsync(
        EmbeddingEngine engine, string operation, string model, IReadOnlyList<int[]> inputs, CancellationToken cancellationToken)
    {
        using var span = new EmbeddingSpan(telemetry, operation, model, inputs);
        try
        {
            return engine.TryEmbed(inputs, cancellationToken) is { } embeddings
                ? (await embeddings.WaitAsync(cancellationToken), span.InputTokens, Results.Empty)
                : Refuse(OpenAIError.QueueFull(TimeSpan.FromSeconds(1)));
        }
        catch (EngineStoppedException)
        {
            return Refuse(OpenAIError.Stopping());
        }
        catch (LlamaException failure)
        {
            span.Failed(failure.Message);
            return Refuse(OpenAIError.Failed(failure.Message));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return (null, 0, Results.Empty);
        }
    }

    private static (float[][]? Values, int Tokens, IResult Failure) Refuse(OpenAIError error) => (null, 0, new OpenAIErrorResult(error));
}
