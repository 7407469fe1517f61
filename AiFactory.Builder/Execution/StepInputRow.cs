namespace AiFactory.Builder.Execution;

/// <summary>What an edge brings from an earlier step.</summary>
internal sealed record StepInputRow
{
    /// <summary>The input port.</summary>
    public required string Port { get; init; }

    /// <summary>The earlier step's node.</summary>
    public required string Source { get; init; }

    /// <summary>JSON; null when all edges together bring too much.</summary>
    public string? Value { get; init; }

    /// <summary>Of all edges together.</summary>
    public required long Bytes { get; init; }
}
