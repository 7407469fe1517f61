using System.Numerics;

namespace AiFactory.Gateway.Traffic;

/// <summary>
/// How many times were how long, each octave of microseconds in 32 equal parts, so that a percentile between 0.53 ms and four and a half minutes that is read from it is off by a thirty-second at most (the idea of HdrHistogram, https://hdrhistogram.org).
/// Writing one down is a shift and an addition. Safe to call from any thread.
/// </summary>
internal sealed class LatencyCounts
{
    /// <summary>2^9 microseconds: what is quicker than 0.53 ms is not told apart.</summary>
    private const int FirstOctave = 9;

    /// <summary>2^28 microseconds are four and a half minutes; the last part has all that is longer.</summary>
    private const int LastOctave = 27;
    private const int PartsOfOctave = 1 << PartBits;
    private const int PartBits = 5;

    private readonly long[] _counts = new long[Bounds.Count];

    /// <summary>The upper end of each part, in seconds.</summary>
    public static IReadOnlyList<double> Bounds { get; } =
    [
        .. Enumerable.Range(0, (LastOctave - FirstOctave + 1) * PartsOfOctave)
            .Select(part => Math.ScaleB(1 + ((part % PartsOfOctave) + 1) / (double)PartsOfOctave, FirstOctave + (part / PartsOfOctave)) / 1e6),
    ];

    public void Add(TimeSpan time) => Interlocked.Increment(ref _counts[PartOf(time)]);

    /// <summary>Part by part; those at the end that have none are left out.</summary>
    public long[] Read()
    {
        var length = _counts.Length;
        while (length > 0 && Volatile.Read(ref _counts[length - 1]) == 0)
        {
            length--;
        }

        var counts = new long[length];
        for (var part = 0; part < length; part++)
        {
            counts[part] = Volatile.Read(ref _counts[part]);
        }

        return counts;
    }

    internal static int PartOf(TimeSpan time)
    {
        var micros = Math.Max(1, time.Ticks / TimeSpan.TicksPerMicrosecond);
        var octave = BitOperations.Log2((ulong)micros);
        return octave < FirstOctave ? 0
            : octave > LastOctave ? Bounds.Count - 1
            : ((octave - FirstOctave) * PartsOfOctave) + (int)((micros >> (octave - PartBits)) & (PartsOfOctave - 1));
    }
}
