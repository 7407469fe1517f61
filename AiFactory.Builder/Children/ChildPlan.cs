using System.Text.Json;

namespace AiFactory.Builder.Children;

/// <summary>The runs that a step wants to begin.</summary>
/// <param name="Flow">The name of the flow that is run for each.</param>
/// <param name="With">What each is given besides.</param>
internal sealed record ChildPlan(string Flow, IReadOnlyList<JsonElement> Items, JsonElement? With)
{
    /// <summary>The index of the first item.</summary>
    internal int First { get; init; }

    internal int Concurrency { get; init; } = 1;

    /// <summary>Whether one that fails ends the waiting for the others.</summary>
    internal bool FailsFast { get; init; } = true;
}
