using System.Diagnostics;
using AiFactory.Inference.Engine;

namespace AiFactory.Inference.Telemetry;

/// <summary>The instruments of <see cref="InferenceTelemetry"/> with one model's tags.</summary>
internal sealed class ModelMetrics(InferenceTelemetry telemetry, string model)
{
    private readonly TagList _model = new() { { "model_name", model } };
    private readonly TagList _generation = new()
    {
        { "gen_ai.operation.name", "chat" },
        { "gen_ai.provider.name", InferenceTelemetry.Provider },
        { "gen_ai.request.model", model },
    };

    /// <summary>Called for each token, by the engine's thread.</summary>
    public void TokenGenerated(GenerationTimings timings)
    {
        telemetry.GenerationTokens.Add(1, _model);
        if (timings.SinceLastToken() is { } between)
        {
            telemetry.InterTokenLatency.Record(between.TotalSeconds, _model);
        }
        else if (timings.TimeToFirstToken is { } first)
        {
            telemetry.TimeToFirstToken.Record(first.TotalSeconds, _model);
            telemetry.ServerTimeToFirstToken.Record(first.TotalSeconds, _generation);
        }
    }

    /// <param name="end">Null when the client left.</param>
    public void RequestEnded(Generation generation, GenerationEvent? end, int generatedTokens, int cachedTokens)
    {
        var timings = generation.Timings;
        telemetry.PromptTokens.Add(generation.Request.Prompt.Length, _model);
        telemetry.PrefixQueries.Add(generation.Request.Prompt.Length, _model);
        telemetry.PrefixHits.Add(cachedTokens, _model);
        if (timings.Queue is { } queue)
        {
            telemetry.QueueTime.Record(queue.TotalSeconds, _model);
        }

        if (timings.Total is { } total)
        {
            telemetry.RequestLatency.Record(total.TotalSeconds, _model);
            telemetry.ServerRequestDuration.Record(total.TotalSeconds, _generation);
        }

        if (timings.Decode is { } decode && generatedTokens > 1)
        {
            telemetry.ServerTimePerOutputToken.Record(decode.TotalSeconds / (generatedTokens - 1), _generation);
        }

        var tags = _model;
        tags.Add("finished_reason", end switch
        {
            GenerationEvent.Finished finished => finished.FinishReason,
            GenerationEvent.Failed => "error",
            _ => "abort",
        });
        telemetry.Requests.Add(1, tags);
    }
}
