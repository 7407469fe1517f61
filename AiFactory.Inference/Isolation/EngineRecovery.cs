using AiFactory.Inference.Telemetry;

namespace AiFactory.Inference.Isolation;

/// <summary>How soon one deployment's process is started again: at once, unless it has just ended, then each time after a longer pause. And how long it took, in metrics.</summary>
internal sealed class EngineRecovery(InferenceTelemetry telemetry, string deployment, TimeSpan longest, TimeProvider time)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);

    private readonly KeyValuePair<string, object?> _model = new("model_name", deployment);
    private TimeSpan _next = TimeSpan.Zero;
    private long? _died;
    private long _served;

    /// <returns>How long it was not served; null the first time.</returns>
    public TimeSpan? Served()
    {
        _served = time.GetTimestamp();
        if (_died is not { } died)
        {
            return null;
        }

        _died = null;
        var took = time.GetElapsedTime(died);
        telemetry.EngineRecovery.Record(took.TotalSeconds, _model);
        return took;
    }

    /// <returns>How long to wait before the next.</returns>
    public TimeSpan Died(bool hung)
    {
        _died ??= time.GetTimestamp();
        telemetry.EngineRestarts.Add(1, _model, new("reason", hung ? "hung" : "died"));
        var pause = time.GetElapsedTime(_served) >= longest ? TimeSpan.Zero : _next;
        var doubled = pause * 2;
        _next = doubled < First ? First : doubled < longest ? doubled : longest;
        return pause;
    }
}
