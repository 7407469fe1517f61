using AiFactory.Contracts.Library;

namespace AiFactory.ModelLibrary.Rollouts;

/// <summary>What a person may say to a rollout.</summary>
/// <param name="Done">As a participle: it names the act in the audit.</param>
/// <param name="From">The states in which it makes sense.</param>
/// <param name="State">The one that it leads to.</param>
internal sealed record RolloutAct(string Done, IReadOnlyList<string> From, string State)
{
    internal static RolloutAct Pause { get; } = new("paused", [RolloutStates.Running], RolloutStates.Paused);

    /// <summary>The step begins anew.</summary>
    internal static RolloutAct Resume { get; } = new("resumed", [RolloutStates.Paused, RolloutStates.Halted], RolloutStates.Running);

    /// <summary>All requests go to the candidate, unwatched.</summary>
    internal static RolloutAct Promote { get; } = new("promoted", [RolloutStates.Running, RolloutStates.Paused, RolloutStates.Halted], RolloutStates.Completed);

    /// <summary>All requests go where they went before.</summary>
    internal static RolloutAct Abort { get; } = new("aborted", [RolloutStates.Running, RolloutStates.Paused, RolloutStates.Halted], RolloutStates.Cancelled);
}
