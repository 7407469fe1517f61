using System.Diagnostics;
using AiFactory.Inference.Telemetry;

namespace AiFactory.Inference.Embeddings;

/// <summary>One embedding or ranking request in the trace and in <c>gen_ai.server.request.duration</c>. Never the text.</summary>
internal sealed class EmbeddingSpan : IDisposable
{
    private readonly Activity? _activity;
    private readonly InferenceTelemetry _telemetry;
    private readonly string _model;
    private readonly TimeProvider _time;
    private readonly long _started;
    private TagList _tags;

    public EmbeddingSpan(InferenceTelemetry telemetry, string operation, string model, IReadOnlyList<int[]> inputs, TimeProvider time)
    {
        (_telemetry, _model, _time, _started) = (telemetry, model, time, time.GetTimestamp());
        _tags = telemetry.Server.Of(operation, model);
        InputTokens = inputs.Sum(input => input.Length);
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

    /// <summary>All inputs are computed.</summary>
    public void Finished() => _telemetry.PromptTokens.Add(InputTokens, new KeyValuePair<string, object?>("model_name", _model));

    /// <summary>The client left before the end: no error of ours.</summary>
    public void Abandoned()
    {
        _tags.Add("error.type", "cancelled");
        _activity?.SetTag("error.type", "cancelled");
    }

    /// <param name="error">The value of <c>error.type</c>.</param>
    public void Failed(string error, string message)
    {
        _tags.Add("error.type", error);
        _activity?.SetStatus(ActivityStatusCode.Error, message).SetTag("error.type", error);
    }

    public void Dispose()
    {
        _telemetry.ServerRequestDuration.Record(_time.GetElapsedTime(_started).TotalSeconds, _tags);
        _activity?.Dispose();
    }
}
