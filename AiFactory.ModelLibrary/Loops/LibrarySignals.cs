using AiFactory.ServiceDefaults.Loops;

namespace AiFactory.ModelLibrary.Loops;

/// <summary>Who wakes whom: a change that is committed raises the signal of the loop that acts on it. Every loop also looks by itself now and then.</summary>
internal sealed class LibrarySignals
{
    /// <summary>A sync is queued.</summary>
    internal Signal Sync { get; } = new();

    /// <summary>A version waits to be copied.</summary>
    internal Signal Copy { get; } = new();

    /// <summary>A version waits to be scanned.</summary>
    internal Signal Scan { get; } = new();

    /// <summary>A deployment, a worker or a replica's state has changed.</summary>
    internal Signal Reconcile { get; } = new();

    /// <summary>A version was approved or revoked.</summary>
    internal Signal Approve { get; } = new();

    /// <summary>A rollout was begun or resumed, or a gateway has told of one.</summary>
    internal Signal Rollout { get; } = new();

    /// <summary>A project, a key, a deployment, a replica or a rule has changed.</summary>
    internal Signal Publish { get; } = new();
}
