namespace AiFactory.Inference.Benchmarking;

/// <summary>How a quantity is distributed. Between two samples a percentile is interpolated linearly, as NumPy does by default (and so vLLM's benchmark).</summary>
internal sealed record Percentiles(int Count, double Mean, double P50, double P90, double P99, double Max)
{
    /// <returns>Null when there is nothing.</returns>
    public static Percentiles? Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? null : new Percentiles(sorted.Length, sorted.Average(), At(sorted, 0.5), At(sorted, 0.9), At(sorted, 0.99), sorted[^1]);
    }

    /// <param name="sorted">Ascending, one at least.</param>
    /// <param name="share">0 to 1.</param>
    internal static double At(ReadOnlySpan<double> sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }
}
