using System.Diagnostics;
using OpenTelemetry.Trace;

namespace AiFactory.ServiceDefaults.Telemetry;

/// <summary>
/// Drops what nobody asked for: a call to a database or a service that belongs to no request and no job (the queries of background loops, heartbeats,
/// long polls), with everything below it, here and in the service that is called. All else is decided as it is configured.
/// </summary>
/// <remarks>
/// The mark in <c>tracestate</c> tells the called service so. The unsampled flag alone does not: clients without telemetry send it too, and
/// <c>always_on</c> means their requests as well.
/// </remarks>
internal sealed class BackgroundSampler(Sampler configured) : Sampler
{
    private const string Mark = "aifactory=background";

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var parent = samplingParameters.ParentContext;
        if (parent.TraceId == default)
        {
            return samplingParameters.Kind == ActivityKind.Client ? new SamplingResult(SamplingDecision.Drop, Mark) : configured.ShouldSample(samplingParameters);
        }

        var isDropped = (parent.TraceFlags & ActivityTraceFlags.Recorded) == 0 && (!parent.IsRemote || IsMarked(parent.TraceState));
        return isDropped ? new SamplingResult(SamplingDecision.Drop) : configured.ShouldSample(samplingParameters);
    }

    private static bool IsMarked(string? state) => state is not null && state.Split(',', StringSplitOptions.TrimEntries).Contains(Mark, StringComparer.Ordinal);
}
