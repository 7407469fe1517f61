namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>A line through points that a few outliers do not bend: the median of the slopes between all pairs (Theil, Sen).</summary>
internal static class Trend
{
    /// <param name="points">At even distances.</param>
    /// <returns>What the line rises by from the first point to the last.</returns>
    public static double Rise(IReadOnlyList<double> points)
    {
        var slopes = new List<double>(points.Count * points.Count / 2);
        for (var from = 0; from < points.Count; from++)
        {
            for (var to = from + 1; to < points.Count; to++)
            {
                slopes.Add((points[to] - points[from]) / (to - from));
            }
        }

        return GatewayLoad.LoadBars.Median(slopes) * (points.Count - 1);
    }
}
