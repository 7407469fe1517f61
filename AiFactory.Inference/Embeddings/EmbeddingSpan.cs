using System.Diagnostics;
using AiFactory.Inference.Telemetry;

namespace AiFactory.Inference.Embeddings;

/// <summary>One embedding request in the trace. Never the text.</summary>
internal sealed class EmbeddingSpan : IDisposable
{
    private readonly Activity? _activity;

    public EmbeddingSpan(InferenceTelemetry telemetry, string operation, string model, IReadOnlyList<int[]> inputs)
    {
        InputTokens = inputs.Sum(input => input.Length);
        telemetry.PromptTokens.Add(InputTokens, new KeyValuePair<string, object?>("model_name", model));
        _activity = telemetry.Source.StartActivity($"{operation} {model}");
        _activity?
            .SetTag("gen_ai.operation.name", operation)
            .SetTag("gen_ai.provider.name", InferenceTelemetry.Provider)
            .SetTag("gen_ai.request.model", model)
            .SetTag("gen_ai.response.model", model)
            .SetTag("aifactory.inference.inputs", inputs.Count)
            .SetTag("gen_ai.usage.input_tokens", InputTokens);
    }

    public int InputTokens { get; }

    public void Failed(string message) => _activity?.SetStatus(ActivityStatusCode.Error, message).SetTag("error.type", "engine_error");

    public void Dispose() => _activity?.Dispose();
}
