using AiFactory.Contracts.Routing;
using AiFactory.ModelLibrary.Rollouts;

namespace AiFactory.ModelLibrary.Tests.Rollouts;

public class RolloutSharesTests
{
    [Theory]
    [InlineData("d", "green", "d", 0, "")]
    [InlineData("d", "green", "d", 10, "green 10")]
    [InlineData("d", "green", "d", 100, "green 100")]
    [InlineData("d", "red", "green", 0, "green 100")]
    [InlineData("d", "red", "green", 25, "red 25, green 75")]
    [InlineData("d", "red", "green", 100, "red 100")]
    [InlineData("d", "d", "green", 0, "green 100")]
    [InlineData("d", "d", "green", 25, "green 75")]
    [InlineData("d", "d", "green", 100, "")]
    public void What_the_named_deployment_answers_itself_is_what_is_left(string name, string candidate, string baseline, int percent, string splits)
    {
        var after = RolloutShares.Apply(policy: null, name, candidate, baseline, percent);

        string.Join(", ", (after?.Splits ?? []).Select(split => $"{split.Deployment} {split.Percent}")).ShouldBe(splits);
        (after is null).ShouldBe(splits.Length == 0);
    }

    [Fact]
    public void The_rest_of_the_policy_stays()
    {
        var policy = new TrafficPolicy { StickyBy = "caller", Fallbacks = ["f"], Shadow = new TrafficSplit("s", 5) };

        var begun = RolloutShares.Apply(policy, "d", "green", "d", 10).ShouldNotBeNull();

        (begun.StickyBy, begun.Shadow, begun.Fallbacks).ShouldBe((policy.StickyBy, policy.Shadow, policy.Fallbacks));
        RolloutShares.Apply(begun, "d", "green", "d", 0).ShouldBe(policy);
    }

    [Fact]
    public void Who_answers_is_the_name_itself_or_the_one_that_has_all()
    {
        RolloutShares.Baseline(null, "d").ShouldBe("d");
        RolloutShares.Baseline(new TrafficPolicy { Splits = [new TrafficSplit("green", 100)] }, "d").ShouldBe("green");
        RolloutShares.Baseline(new TrafficPolicy { Splits = [new TrafficSplit("green", 50)] }, "d").ShouldBeNull();
    }
}
