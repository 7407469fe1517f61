using AiFactory.Gateway.Traffic;

namespace AiFactory.Gateway.Tests.Traffic;

public sealed class LatencyCountsTests
{
    [Fact]
    public void Each_time_is_counted_under_the_first_bound_above_it_and_the_part_is_at_most_a_quarter_wide()
    {
        LatencyCounts.Bounds.ShouldBe(LatencyCounts.Bounds.Order());
        for (var micros = 1L; micros < 300_000_000; micros += 1 + (micros / 7))
        {
            var part = LatencyCounts.PartOf(TimeSpan.FromMicroseconds(micros));
            var (from, to) = (part == 0 ? 0 : LatencyCounts.Bounds[part - 1] * 1e6, LatencyCounts.Bounds[part] * 1e6);
            var isLast = part == LatencyCounts.Bounds.Count - 1;
            ((double)micros).ShouldBeGreaterThanOrEqualTo(from, $"{micros} us");
            (isLast || micros < to).ShouldBeTrue($"{micros} us in {from} to {to}");
            (part == 0 || to / from <= 1.25).ShouldBeTrue($"{from} to {to}");
        }
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
