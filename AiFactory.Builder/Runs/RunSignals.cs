using AiFactory.ServiceDefaults.Loops;

namespace AiFactory.Builder.Runs;

/// <summary>Wakes this process' loops; see <see cref="RunListener"/>.</summary>
internal sealed class RunSignals
{
    /// <summary>A run has something that the orchestrator has not looked at.</summary>
    internal Signal Advance { get; } = new();

    /// <summary>A step waits for an executor.</summary>
    internal Signal Ready { get; } = new();
}
