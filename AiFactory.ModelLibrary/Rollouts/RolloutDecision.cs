namespace AiFactory.ModelLibrary.Rollouts;

/// <summary>What is to be done with a rollout now, and why, in a sentence.</summary>
internal abstract record RolloutDecision(string Message)
{
    /// <summary>Nothing yet.</summary>
    /// <param name="SettlesAt"><see cref="RolloutRow.SettlesAt"/>, where that is what is waited for.</param>
    internal sealed record Wait(string Message, DateTimeOffset? SettlesAt = null) : RolloutDecision(Message);

    /// <summary>The next step, or the end.</summary>
    internal sealed record Advance(string Message) : RolloutDecision(Message);

    /// <summary>The candidate does worse than it may: what the plan says for it.</summary>
    internal sealed record Fail(string Message) : RolloutDecision(Message);

    /// <summary>It cannot be told how the candidate does: a person decides, whatever the plan says.</summary>
    internal sealed record Halt(string Message) : RolloutDecision(Message);
}
