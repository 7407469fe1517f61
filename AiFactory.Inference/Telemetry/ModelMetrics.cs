using System.Diagnostics;
using System.Diagnostics.Metrics;
using AiFactory.Inference.Engine;

namespace AiFactory.Inference.Telemetry;

/// <summary>The instruments of <see cref="InferenceTelemetry"/> with one model's tags.</summary>
internal sealed class ModelMetrics(InferenceTelemetry telemetry, string model)
{
    private readonly TagList _model = new() { { "model_name", model } };
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
        }
    }

    public void Preempted() => telemetry.Preemptions.Add(1, _model);

    /// <param name="end">Null when the client left.</param>
    public void RequestEnded(Generation generation, GenerationEvent? end, int generatedTokens, int cachedTokens)
    {
        telemetry.PromptTokens.Add(generation.Request.Prompt.Length, _model);
        telemetry.PrefixQueries.Add(generation.Request.Prompt.Length, _model);
        telemetry.PrefixHits.Add(cachedTokens, _model);
        RequestNeverStarted(generation, end);
    }

    /// <summary>It waited, and nothing was computed for it.</summary>
    /// <param name="end">Null when the client left.</param>
    public void RequestNeverStarted(Generation generation, GenerationEvent? end)
    {
        RecordTimes(generation.Timings);
        var tags = _model;
        tags.Add("finished_reason", end switch
        {
            GenerationEvent.Finished finished => finished.FinishReason,
            GenerationEvent.Failed => "error",
            _ => "abort",
        });
        telemetry.Requests.Add(1, tags);
    }

    /// <summary>The whole is the queue's time and the model's, which is that of the prompt and that of the answer.</summary>
    private void RecordTimes(GenerationTimings timings)
    {
        if (timings.Queue is { } queue)
        {
            telemetry.QueueTime.Record(queue.TotalSeconds, _model);
            Record(telemetry.InferenceTime, timings.Total - queue);
            Record(telemetry.PrefillTime, timings.TimeToFirstToken - queue);
        }

        Record(telemetry.DecodeTime, timings.Decode);
        Record(telemetry.RequestLatency, timings.Total);
    }

    private void Record(Histogram<double> histogram, TimeSpan? time)
    {
        if (time is { } known)
        {
            histogram.Record(known.TotalSeconds, _model);
        }
    }
}
