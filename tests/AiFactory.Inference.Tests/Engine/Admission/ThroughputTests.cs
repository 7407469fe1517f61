using AiFactory.Inference.Engine.Admission;

namespace AiFactory.Inference.Tests.Engine.Admission;

public sealed class ThroughputTests
{
    [Fact]
    public void When_to_return_follows_from_what_waits_and_what_was_measured()
    {
        var throughput = new Throughput();
        throughput.RetryAfter(1_000_000).ShouldBe(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 20; i++)
        {
            throughput.Stepped(50, TimeSpan.FromSeconds(0.5));
        }

        throughput.TokensPerSecond.ShouldBe(100, 0.01);
        throughput.RetryAfter(0).ShouldBe(TimeSpan.FromSeconds(1));
        throughput.RetryAfter(1234).ShouldBe(TimeSpan.FromSeconds(13));
        throughput.RetryAfter(long.MaxValue).ShouldBe(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void It_follows_what_answers_cost_of_late()
    {
        var throughput = new Throughput();
        for (var i = 0; i < 100; i++)
        {
            throughput.Answered(300);
        }

        throughput.MeanAnswer.ShouldBeInRange(299, 300);
    }
}
