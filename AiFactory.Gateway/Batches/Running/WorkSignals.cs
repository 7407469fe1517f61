using AiFactory.ServiceDefaults.Loops;

namespace AiFactory.Gateway.Batches.Running;

/// <summary>Wakes the loops of this gateway; those of the others look by themselves.</summary>
internal sealed class WorkSignals
{
    /// <summary>A batch came, or may have come to its end.</summary>
    public Signal Stages { get; } = new();

    /// <summary>There are requests to begin, or room for them.</summary>
    public Signal Requests { get; } = new();
}
