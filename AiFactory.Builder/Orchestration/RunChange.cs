namespace AiFactory.Builder.Orchestration;

/// <summary>What the orchestrator writes of one run.</summary>
internal sealed record RunChange(DueRun Run, RunDecision Decision)
{
    /// <summary>Node to step type, for those that are handed out or passed over.</summary>
    internal required IReadOnlyDictionary<string, string> Types { get; init; }

    /// <summary>JSON object; of a run that succeeded.</summary>
    internal string? Output { get; init; }

    internal required IReadOnlyList<RunChangeEvent> Events { get; init; }
}

/// <param name="Data">JSON.</param>
internal sealed record RunChangeEvent(long Sequence, string Type, string? Node, string? Data);
