using AiFactory.Gateway.Traffic;

namespace AiFactory.Gateway.Tests.Traffic;

public sealed class LatencyCountsTests
{
    [Fact]
    public void Each_time_is_counted_under_the_first_bound_above_it_and_the_part_is_at_most_a_thirty_second_wide()
    {
        LatencyCounts.Bounds.ShouldBe(LatencyCounts.Bounds.Order());
        for (var micros = 1L; micros < 300_000_000; micros += 1 + (micros / 57))
        {
            var part = LatencyCounts.PartOf(TimeSpan.FromMicroseconds(micros));
            var (from, to) = (part == 0 ? 0 : LatencyCounts.Bounds[part - 1] * 1e6, LatencyCounts.Bounds[part] * 1e6);
            var isLast = part == LatencyCounts.Bounds.Count - 1;
            ((double)micros).ShouldBeGreaterThanOrEqualTo(from, $"{micros} us");
            (isLast || micros < to).ShouldBeTrue($"{micros} us in {from} to {to}");
            (part == 0 || to / from <= 1.0313).ShouldBeTrue($"{from} to {to}");
        }
    }

    /// <summary>FEATURES row 116: "p99 within 5 % of the load tool", the tool being a sort of all times.</summary>
    [Theory]
    [InlineData(0.5)]
    [InlineData(0.95)]
    [InlineData(0.99)]
    public void A_percentile_from_half_a_millisecond_to_four_minutes_that_is_read_from_the_counts_is_within_a_twentieth_of_the_times_own(double share)
    {
        var random = new Random(116);
        for (var round = 0; round < 50; round++)
        {
            var counts = new LatencyCounts();
            var shortest = Math.Pow(10, (random.NextDouble() * 4.27) - 3.27);
            var times = Enumerable.Range(0, 1000).Select(_ => TimeSpan.FromSeconds(shortest / Math.Sqrt(1 - random.NextDouble()))).Order().ToArray();
            foreach (var time in times)
            {
                counts.Add(time);
            }

            var exact = times[(int)Math.Ceiling(share * times.Length) - 1].TotalSeconds;
            Percentile(counts.Read(), share).ShouldBe(exact, exact * 0.05, $"of times from {shortest} s on");
        }
    }

    /// <summary>An answer from the cache takes a tenth of a millisecond: that it is soon is all that is said of it.</summary>
    [Fact]
    public void What_is_shorter_than_the_first_bound_or_longer_than_the_last_is_not_told_apart()
    {
        LatencyCounts.Bounds[0].ShouldBe(0.00053, 0.00001);
        LatencyCounts.Bounds[^1].ShouldBe(268.4, 0.1);
        var counts = new LatencyCounts();
        counts.Add(TimeSpan.FromMicroseconds(100));
        Percentile(counts.Read(), 0.5).ShouldBe(LatencyCounts.Bounds[0] / 2, "of one alone, the middle of its part");
    }

    /// <summary>As the console reads it: between the two bounds of the part that it lies in.</summary>
    private static double Percentile(long[] counts, double share)
    {
        var (left, part) = (share * counts.Sum(), 0);
        for (; counts[part] < left; part++)
        {
            left -= counts[part];
        }

        var from = part == 0 ? 0 : LatencyCounts.Bounds[part - 1];
        return from + ((LatencyCounts.Bounds[part] - from) * left / counts[part]);
    }

    [Fact]
    public void What_is_longer_than_all_bounds_is_in_the_last_part_and_what_takes_no_time_in_the_first()
    {
        var counts = new LatencyCounts();
        counts.Add(TimeSpan.Zero);
        counts.Add(TimeSpan.FromMilliseconds(-1));
        counts.Read().ShouldBe([2L]);

        counts.Add(TimeSpan.FromDays(1));
        counts.Read().Length.ShouldBe(LatencyCounts.Bounds.Count);
        counts.Read()[^1].ShouldBe(1);
    }
}
