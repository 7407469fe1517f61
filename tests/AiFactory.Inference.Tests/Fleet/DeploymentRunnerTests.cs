using AiFactory.Inference.Fleet;
using AiFactory.Inference.Lifecycle;

namespace AiFactory.Inference.Tests.Fleet;

public sealed class DeploymentRunnerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_that_was_told_to_sleep_did_not_die_whoever_wakes_it_then()
    {
        var power = new ModelPower();
        var stays = DeploymentRunner.StayAsync(new TaskCompletionSource().Task, power, Token);
        power.Sleep();
        var isDead = await stays.WaitAsync(TimeSpan.FromSeconds(10), Token);
        power.Wake();
        isDead.ShouldBeFalse();
    }

    [Fact]
    public async Task An_engine_that_ends_is_dead_also_while_it_is_told_to_sleep()
    {
        var (ended, power) = (new TaskCompletionSource(), new ModelPower());
        var stays = DeploymentRunner.StayAsync(ended.Task, power, Token);
        ended.SetException(new InvalidOperationException());
        (await stays.WaitAsync(TimeSpan.FromSeconds(10), Token)).ShouldBeTrue();
        power.Sleep();
        (await DeploymentRunner.StayAsync(ended.Task, power, Token)).ShouldBeTrue();
    }
}
