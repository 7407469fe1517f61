namespace AiFactory.Builder.Children;

/// <summary>What has become of a run that a step began.</summary>
internal sealed record ChildRun
{
    /// <summary>Of the item or the turn, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>See <see cref="Contracts.Builder.Runs.RunStates"/>.</summary>
    public required string State { get; init; }

    /// <summary>The beginning of it.</summary>
    public string? Error { get; init; }

    /// <summary>What its flow answered, JSON: the json of its output, else the text, else the passages. Null when all that was read together is too large.</summary>
    public string? Value { get; init; }

    /// <summary>Of all runs of the step together, as far as they have ended.</summary>
    public required long PromptTokens { get; init; }

    public required long CompletionTokens { get; init; }

    /// <summary>Of all that was read together.</summary>
    public required long Bytes { get; init; }
}
