namespace AiFactory.Contracts.Library;

/// <summary>Moves the requests of a deployment's name to another deployment, and back where that one does worse.</summary>
/// <param name="Candidate">A deployment of the same project and task.</param>
/// <param name="Strategy">One of <see cref="RolloutStrategies"/>.</param>
public sealed record RolloutRequest(string Candidate, string Strategy)
{
    /// <summary>Of a canary: 1 to 20, each with a larger share than the one before. After the last all requests go to the candidate.</summary>
    public IReadOnlyList<RolloutStep>? Steps { get; init; }

    /// <summary>Of a blue-green rollout: how long the candidate is watched after the switch; ten minutes when null.</summary>
    public TimeSpan? Watch { get; init; }

    /// <summary>How long the candidate may take to have all of its replicas ready, before it gets any request; ten minutes when null.</summary>
    public TimeSpan? ReadyWithin { get; init; }

    public RolloutGates? Gates { get; init; }

    /// <summary>One of <see cref="RolloutFailureActions"/>; <c>rollback</c> when null.</summary>
    public string? OnFailure { get; init; }
}
