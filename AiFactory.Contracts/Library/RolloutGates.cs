namespace AiFactory.Contracts.Library;

/// <summary>
/// What the candidate is held against in each step. What it refuses for what was asked (4xx) and what waits in a queue until its time is up is not judged; a request that another deployment had to answer in its place
/// is a failure. Shares are of 1.
/// </summary>
public sealed record RolloutGates
{
    /// <summary>The largest share of requests that may fail. When null 0.05, or as many as of the baseline: who mends what fails may fail as often until it is mended.</summary>
    public double? MaxFailureShare { get; init; }

    /// <summary>By how much its share may be larger than the baseline's, also that of requests that clients gave up (<see cref="RolloutSample.Left"/>); 0.02 when null.</summary>
    public double? MaxFailureIncrease { get; init; }

    /// <summary>How many times the baseline's its p95 may be, of whole answers; not asked when null.</summary>
    public double? MaxP95Ratio { get; init; }

    /// <inheritdoc cref="MaxP95Ratio"/>
    public double? MaxP99Ratio { get; init; }

    /// <summary>Fewer of the candidate's requests in a step are not judged, and do not end it; 50 when null. With 0 a step passes by its time alone.</summary>
    public int? MinRequests { get; init; }

    /// <summary>How long a step waits for its requests before the rollout halts; one hour when null.</summary>
    public TimeSpan? LongestWait { get; init; }
}
