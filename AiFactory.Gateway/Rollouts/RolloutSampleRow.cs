using AiFactory.Contracts.Library;

namespace AiFactory.Gateway.Rollouts;

/// <summary>What one variant did.</summary>
internal sealed record RolloutSampleRow
{
    public required Guid Variant { get; init; }

    public required long Requests { get; init; }

    public required long Failures { get; init; }

    /// <summary>No requests: their clients left, and nothing had come.</summary>
    public required long GivenUp { get; init; }

    /// <summary>The 50th, 95th and 99th percentile in microseconds; null where nothing was answered.</summary>
    public double[]? Micros { get; init; }

    public RolloutSample ToSample() => new(Requests, Failures, Seconds(0), Seconds(1), Seconds(2)) { Left = GivenUp };

    public static RolloutSample Of(IEnumerable<RolloutSampleRow> rows, Guid variant) =>
        rows.FirstOrDefault(row => row.Variant == variant)?.ToSample() ?? new RolloutSample(0, 0, null, null, null);

    private double? Seconds(int percentile) => Micros is { } micros ? Math.Round(micros[percentile] / 1e6, 6) : null;
}
