using System.Diagnostics;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Telemetry;

namespace AiFactory.Inference.Generations;

/// <summary>One generation in the trace, by OpenTelemetry's conventions for generative AI (https://opentelemetry.io/docs/specs/semconv/gen-ai/). Never the text.</summary>
internal sealed class GenerationSpan : IDisposable
{
    private static readonly string[] Abort = ["abort"];

    private readonly Activity? _activity;

    public GenerationSpan(InferenceTelemetry telemetry, string operation, AnswerHeader header, GenerationRequest request)
    {
        _activity = telemetry.Source.StartActivity($"{operation} {header.Model}");
        _activity?
            .SetTag("gen_ai.operation.name", operation)
            .SetTag("gen_ai.provider.name", InferenceTelemetry.Provider)
            .SetTag("gen_ai.request.model", header.Model)
            .SetTag("gen_ai.request.max_tokens", request.MaxTokens)
            .SetTag("gen_ai.request.temperature", request.Sampling.Temperature)
            .SetTag("gen_ai.request.top_p", request.Sampling.TopP)
            .SetTag("gen_ai.response.model", header.Model)
            .SetTag("gen_ai.response.id", header.Id)
            .SetTag("gen_ai.usage.input_tokens", request.Prompt.Length);
    }

    public void FirstToken(GenerationTimings timings) => _activity?
        .SetTag("aifactory.inference.queue_time", timings.Queue?.TotalSeconds)
        .SetTag("gen_ai.server.time_to_first_token", timings.TimeToFirstToken?.TotalSeconds)
        .AddEvent(new ActivityEvent("gen_ai.first_token"));

    public void Finished(GenerationEvent.Finished finished, GenerationTimings timings)
    {
        _activity?
            .SetTag("gen_ai.usage.output_tokens", finished.CompletionTokens)
            .SetTag("gen_ai.response.finish_reasons", new[] { finished.FinishReason });
        if (timings.Decode is { TotalSeconds: > 0 } decode && finished.CompletionTokens > 1)
        {
            _activity?.SetTag("aifactory.inference.tokens_per_second", (finished.CompletionTokens - 1) / decode.TotalSeconds);
        }
    }

    public void Failed(ErrorBody error) => _activity?
        .SetStatus(ActivityStatusCode.Error, error.Message)
        .SetTag("error.type", error.Code ?? error.Type);

    /// <summary>The client left before the end: no error of ours.</summary>
    public void Abandoned() => _activity?.SetTag("gen_ai.response.finish_reasons", Abort);

    public void Dispose() => _activity?.Dispose();
}
