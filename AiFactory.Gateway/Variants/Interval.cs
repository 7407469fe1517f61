namespace AiFactory.Gateway.Variants;

/// <summary>A figure with the bounds between which it lies with 95 % confidence; the bounds are null where there are too few values for any.</summary>
/// <param name="Count">Of how many values it was made.</param>
internal sealed record Interval(double Value, double? Low, double? High, long Count)
{
    /// <summary>The two-sided 95 % point of the standard normal distribution.</summary>
    internal const double Z = 1.959963984540054;

    /// <summary>Wilson's score interval, which stays within 0 and 1 and holds also near them (https://doi.org/10.1080/01621459.1927.10502953); null of nothing.</summary>
    internal static Interval? Share(long hits, long count)
    {
        if (count == 0)
        {
            return null;
        }

        var (share, z2) = ((double)hits / count, Z * Z);
        var centre = (share + (z2 / (2 * count))) / (1 + (z2 / count));
        var half = Z / (1 + (z2 / count)) * Math.Sqrt((share * (1 - share) / count) + (z2 / (4d * count * count)));
        return new Interval(share, Math.Max(0, centre - half), Math.Min(1, centre + half), count);
    }

    /// <summary>A mean with the normal approximation: good from some thirty values on, more where a few are very large.</summary>
    internal static Interval? Mean(double? mean, double? deviation, long count)
    {
        if (mean is not { } value)
        {
            return null;
        }

        var half = deviation * Z / Math.Sqrt(count);
        return new Interval(value, value - half, value + half, count);
    }

    /// <summary>One less the other, of independent figures: Newcombe's, by the distances of each to its own bounds (https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8%3C873::AID-SIM779%3E3.0.CO;2-I), which is Welch's for means.</summary>
    internal static Interval? Difference(Interval? one, Interval? other)
    {
        if (one is not { Low: { } low, High: { } high } || other is not { Low: { } otherLow, High: { } otherHigh })
        {
            return null;
        }

        var value = one.Value - other.Value;
        return new Interval(
            value,
            value - Math.Sqrt(Square(one.Value - low) + Square(otherHigh - other.Value)),
            value + Math.Sqrt(Square(high - one.Value) + Square(other.Value - otherLow)),
            one.Count + other.Count);

        static double Square(double x) => x * x;
    }
}
