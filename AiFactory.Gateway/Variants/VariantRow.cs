namespace AiFactory.Gateway.Variants;

/// <summary>One variant's sums; times in microseconds.</summary>
internal sealed record VariantRow
{
    public required Guid Variant { get; init; }

    public string? Name { get; init; }

    public required long Requests { get; init; }

    public required long Failures { get; init; }

    public required long Callers { get; init; }

    /// <summary>Mean, deviation, 50th and 95th percentile, then the bounds of either: of whole answers, of which there are <see cref="Answered"/>. What there is not is NaN: Npgsql reads no array with nulls in it.</summary>
    public double[] Whole { get; init; } = [];

    /// <summary>The same of first tokens.</summary>
    public double[] First { get; init; } = [];

    public required long Answered { get; init; }

    public required long Streamed { get; init; }

    public double? PromptMean { get; init; }

    public double? PromptDeviation { get; init; }

    public required long PromptCount { get; init; }

    public double? CompletionMean { get; init; }

    public double? CompletionDeviation { get; init; }

    public required long CompletionCount { get; init; }

    public double? CostMean { get; init; }

    public double? CostDeviation { get; init; }

    public required long CostCount { get; init; }

    public double? ScoreMean { get; init; }

    public double? ScoreDeviation { get; init; }

    public required long ScoreCount { get; init; }

    public VariantFigures ToFigures(string? name) => new(
        Variant,
        name ?? Name,
        Requests,
        Failures,
        Callers,
        Interval.Share(Failures, Requests),
        Times(Whole, Answered),
        Times(First, Streamed),
        Interval.Mean(PromptMean, PromptDeviation, PromptCount),
        Interval.Mean(CompletionMean, CompletionDeviation, CompletionCount),
        Interval.Mean(CostMean, CostDeviation, CostCount),
        Interval.Mean(ScoreMean, ScoreDeviation, ScoreCount),
        Difference: null);

    private static VariantTimes Times(double[] micros, long count)
    {
        return new VariantTimes(
            Interval.Mean(Seconds(0), Seconds(1), count),
            Percentile(2, 4, 5),
            Percentile(3, 6, 7));

        double? Seconds(int at) => at < micros.Length && !double.IsNaN(micros[at]) ? micros[at] / 1e6 : null;

        // Of two values no bound has 95 %: the least and the largest would be told for it.
        Interval? Percentile(int at, int low, int high) =>
            Seconds(at) is { } value ? new Interval(value, count < VariantStore.LeastForBounds ? null : Seconds(low), count < VariantStore.LeastForBounds ? null : Seconds(high), count) : null;
    }
}
