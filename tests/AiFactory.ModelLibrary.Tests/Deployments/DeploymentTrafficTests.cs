using AiFactory.Contracts.Routing;
using AiFactory.ModelLibrary.Deployments;

namespace AiFactory.ModelLibrary.Tests.Deployments;

public class DeploymentTrafficTests
{
    private const string Latency = TrafficStrategies.Latency;
    private const string Weighted = TrafficStrategies.Weighted;

    /// <summary>A policy is written as <c>cloud 1, local 10 | latency | header:x</c>: its splits, its strategy, whose requests stay.</summary>
    [Theory]
    [InlineData("cloud 1", "cloud 1", false)]
    [InlineData("cloud 2", "cloud 1", true)]
    [InlineData("cloud 1, local 10", "local 99", true)]
    [InlineData("local 99", "cloud 1", false)]
    [InlineData($"cloud 1, local 10 | {Weighted}", "local 50, cloud 1", false)]
    [InlineData($"cloud 1 | {Latency}", "cloud 100", true)]
    // What was given to latency is no word for more by shares.
    [InlineData("cloud 100", $"cloud 1 | {Latency}", true)]
    [InlineData($"cloud 99 | {Latency}", $"cloud 1 | {Latency}", true)]
    [InlineData("cloud 1", $"cloud 1 | {Latency}", false)]
    [InlineData($"cloud 1 | {Latency}", $"cloud 1 | {Latency}", false)]
    [InlineData($"cloud 1, local 10 | {Latency}", $"local 10, cloud 5 | {Latency}", false)]
    // Without the quick one it is the soonest.
    [InlineData($"cloud 10 | {Latency}", $"cloud 10, local 80 | {Latency}", true)]
    [InlineData($"cloud 10, slow 80 | {Latency}", $"cloud 10 | {Latency}", true)]
    // Tenants that had been kept elsewhere; a header that all send with one value.
    [InlineData($"cloud 1 | {Latency}", $"cloud 1 | {Latency} | header:x", true)]
    [InlineData($"cloud 1 | {Weighted} | header:accept", "cloud 1", true)]
    [InlineData($"local 1 | {Weighted} | header:accept", "cloud 1", false)]
    public void A_target_gets_more_by_a_larger_share_or_by_a_change_of_what_a_share_means(string policy, string former, bool more) =>
        DeploymentTraffic.GivesMore(Read(policy), Read(former), "cloud").ShouldBe(more);

    [Fact]
    public void A_target_gets_more_where_it_had_nothing()
    {
        DeploymentTraffic.GivesMore(Read("cloud 1"), former: null, "cloud").ShouldBeTrue();
        DeploymentTraffic.GivesMore(new TrafficPolicy { Fallbacks = ["cloud"] }, Read($"cloud 50 | {Latency}"), "cloud").ShouldBeTrue();
        DeploymentTraffic.GivesMore(new TrafficPolicy { Fallbacks = ["cloud"] }, new TrafficPolicy { Fallbacks = ["local", "cloud"] }, "cloud").ShouldBeFalse();
        DeploymentTraffic.GivesMore(policy: null, Read("cloud 1"), "cloud").ShouldBeFalse();
    }

    private static TrafficPolicy Read(string policy)
    {
        var parts = policy.Split(" | ");
        return new TrafficPolicy
        {
            Splits = [.. parts[0].Split(", ").Select(split => split.Split(' ')).Select(split => new TrafficSplit(split[0], int.Parse(split[1], System.Globalization.CultureInfo.InvariantCulture)))],
            Strategy = parts.ElementAtOrDefault(1),
            StickyBy = parts.ElementAtOrDefault(2),
        };
    }
}
