using System.Diagnostics;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Telemetry;

namespace AiFactory.Inference.Generations;

/// <summary>One generation in the trace, by OpenTelemetry's conventions for generative AI (https://opentelemetry.io/docs/specs/semconv/gen-ai/), and in the <c>gen_ai.server.*</c> metrics. Never the text.</summary>
internal sealed class GenerationSpan : IDisposable
{
    private static readonly string[] Abort = ["abort"];

    private readonly Activity? _activity;
    private readonly InferenceTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly long _started;
    private TagList _tags;

    public GenerationSpan(InferenceTelemetry telemetry, string operation, AnswerHeader header, GenerationRequest request, TimeProvider time)
    {
        (_telemetry, _time, _started) = (telemetry, time, time.GetTimestamp());
        _tags = telemetry.Server.Of(operation, header.Model);
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

    public void FirstToken(GenerationTimings timings)
    {
        if (timings.TimeToFirstToken is { } first)
        {
            _telemetry.ServerTimeToFirstToken.Record(first.TotalSeconds, _tags);
        }

        _activity?
            .SetTag("aifactory.inference.queue_time", timings.Queue?.TotalSeconds)
            .SetTag("gen_ai.server.time_to_first_token", timings.TimeToFirstToken?.TotalSeconds)
            .AddEvent(new ActivityEvent("gen_ai.first_token"));
    }

    /// <param name="tokens">Of all choices.</param>
    /// <param name="reasons">By choice.</param>
    public void Finished(int tokens, string[] reasons, GenerationTimings timings)
    {
        _activity?
            .SetTag("gen_ai.usage.output_tokens", tokens)
            .SetTag("gen_ai.response.finish_reasons", reasons);
        if (timings.Decode is { TotalSeconds: > 0 } decode && tokens > 1)
        {
            _telemetry.ServerTimePerOutputToken.Record(decode.TotalSeconds / (tokens - 1), _tags);
            _activity?.SetTag("aifactory.inference.tokens_per_second", (tokens - 1) / decode.TotalSeconds);
        }
    }

    public void Failed(ErrorBody error)
    {
        _tags.Add("error.type", error.Code ?? error.Type);
        _activity?
            .SetStatus(ActivityStatusCode.Error, error.Message)
            .SetTag("error.type", error.Code ?? error.Type);
    }

    /// <summary>The client left before the end: no error of ours.</summary>
    public void Abandoned()
    {
        _tags.Add("error.type", "cancelled");
        _activity?.SetTag("gen_ai.response.finish_reasons", Abort);
    }

    public void Dispose()
    {
        _telemetry.ServerRequestDuration.Record(_time.GetElapsedTime(_started).TotalSeconds, _tags);
        _activity?.Dispose();
    }
}
