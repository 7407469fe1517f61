using AiFactory.Inference.Benchmarking;

namespace AiFactory.Inference.Tests.Benchmarking;

public sealed class PercentilesTests
{
    // numpy.percentile([15, 20, 35, 40, 50], [50, 90, 99]) of NumPy 2.
    [Fact]
    public void They_are_NumPys()
    {
        var values = Percentiles.Of([50, 15, 40, 20, 35]).ShouldNotBeNull();
        values.P50.ShouldBe(35);
        values.P90.ShouldBe(46, 1e-9);
        values.P99.ShouldBe(49.6, 1e-9);
        values.Mean.ShouldBe(32);
        values.Max.ShouldBe(50);
        values.Count.ShouldBe(5);
    }

    // The definition, counted out: the weighted mean of the two order statistics around (n - 1) * share.
    [Fact]
    public void They_equal_a_plain_reference_at_every_length()
    {
        var random = new Random(7);
        for (var length = 1; length <= 200; length++)
        {
            var values = Enumerable.Range(0, length).Select(_ => Math.Round(random.NextDouble() * 20, 1)).ToArray();
            var actual = Percentiles.Of(values).ShouldNotBeNull();
            actual.P50.ShouldBe(Reference(values, 50), 1e-9);
            actual.P90.ShouldBe(Reference(values, 90), 1e-9);
            actual.P99.ShouldBe(Reference(values, 99), 1e-9);
        }
    }

    [Fact]
    public void Of_nothing_there_are_none() => Percentiles.Of([]).ShouldBeNull();

    private static double Reference(double[] values, int percent)
    {
        // In hundredths of a place, so that nothing is rounded before the end.
        var place = (values.Length - 1) * percent;
        double Smallest(int rank) => values.First(value => values.Count(other => other < value) <= rank && values.Count(other => other <= value) > rank);
        var below = Smallest(place / 100);
        return place % 100 == 0 ? below : ((below * (100 - (place % 100))) + (Smallest((place / 100) + 1) * (place % 100))) / 100;
    }
}
