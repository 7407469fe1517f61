using AiFactory.Builder.Children;

namespace AiFactory.Builder.Execution;

/// <summary>What an executor writes of an attempt that has ended: the event, and what the claim becomes by it.</summary>
internal sealed record StepAnswer
{
    /// <summary>See <see cref="Contracts.Builder.Runs.RunEventTypes"/>.</summary>
    public required string Event { get; init; }

    /// <summary>The event's data, JSON.</summary>
    public required string Data { get; init; }

    /// <summary>What the step is from now on: succeeded, failed, waiting, or ready for another attempt.</summary>
    public required string State { get; init; }

    /// <summary>JSON object, by output port.</summary>
    public string? Output { get; init; }

    public string? Error { get; init; }

    public long PromptTokens { get; init; }

    public long CompletionTokens { get; init; }

    /// <summary>The runs that the step waits for from now on; the event then says how far they are.</summary>
    public ChildBatch? Children { get; init; }

    /// <summary>The attempt found no room: it is no failure.</summary>
    public bool IsPostponed { get; init; }

    /// <summary>Before the next attempt.</summary>
    public TimeSpan Delay { get; init; }

    public required DateTimeOffset At { get; init; }
}
