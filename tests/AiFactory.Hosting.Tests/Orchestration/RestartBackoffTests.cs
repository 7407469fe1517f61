using AiFactory.Hosting.Orchestration;
using AiFactory.Testing;

namespace AiFactory.Hosting.Tests.Orchestration;

public sealed class RestartBackoffTests
{
    [Fact]
    public void Each_crash_doubles_the_wait_up_to_a_limit_and_health_resets_it()
    {
        var time = new ManualTimeProvider();
        var backoff = new RestartBackoff(time);
        backoff.Started();
        Enumerable.Range(0, 8).Select(_ => backoff.Next(wasHealthy: true).TotalSeconds).ShouldBe([0.5, 1, 2, 4, 8, 16, 30, 30]);

        backoff.Started();
        time.Advance(TimeSpan.FromSeconds(11));
        backoff.Next(wasHealthy: false).TotalSeconds.ShouldBe(30);
        backoff.Next(wasHealthy: true).TotalSeconds.ShouldBe(0.5);
    }
}
