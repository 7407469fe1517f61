using System.Numerics;

namespace AiFactory.Benchmarks.GatewayLoad;

/// <summary>Counts of times in nanoseconds, 1,024 for each power of two: a quantile is right to 0.1 %, and adding one costs nothing. With 64 the steps below a second, the distance of two chunks, were 8 ms wide.</summary>
internal sealed class LatencyHistogram
{
    private const int Bits = 10;

    private readonly long[] _counts = new long[(65 - Bits) << Bits];

    public long Count { get; private set; }

    public long Longest { get; private set; }

    public void Add(long nanoseconds)
    {
        var value = (ulong)Math.Max(0, nanoseconds);
        var shift = Math.Max(0, BitOperations.Log2(value | 1) - Bits);
        _counts[(shift << Bits) + (int)(value >> shift)]++;
        Count++;
        Longest = Math.Max(Longest, nanoseconds);
    }

    /// <summary>In milliseconds.</summary>
    public double Quantile(double share)
    {
        var left = (long)Math.Ceiling(share * Count);
        for (var i = 0; i < _counts.Length; i++)
        {
            left -= _counts[i];
            if (left <= 0 && Count > 0)
            {
                var shift = Math.Max(0, (i >> Bits) - 1);
                return ((i - ((long)shift << Bits)) << shift) / 1e6;
            }
        }

        return 0;
    }
}
