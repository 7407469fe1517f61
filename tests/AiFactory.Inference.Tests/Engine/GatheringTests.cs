using AiFactory.Inference.Engine;

namespace AiFactory.Inference.Tests.Engine;

public sealed class GatheringTests
{
    [Theory]
    [InlineData(1, 100, 0, 2, "a fiftieth of what the prompts take")]
    [InlineData(3, 5000, 0, 3, "and no more than three milliseconds")]
    [InlineData(3, 5000, 29, 3, "again, while others keep coming")]
    [InlineData(3, 5000, 30, 0, "but not for ever")]
    [InlineData(1, 30, 0, 0, "nor where it would be felt")]
    [InlineData(4, 5000, 0, 0, "nor when all slots have theirs")]
    [InlineData(0, 0, 0, 0, "nor for nobody")]
    public void An_idle_engine_waits_a_moment_for_others(int waiting, int prompts, int waited, int pause, string because) =>
        Gathering.Pause(waiting, slots: 4, TimeSpan.FromMilliseconds(prompts), TimeSpan.FromMilliseconds(waited)).ShouldBe(TimeSpan.FromMilliseconds(pause), because);

    [Fact]
    public void What_prompts_take_is_what_steps_have_taken()
    {
        var pacer = new PrefillPacer(0, TimeSpan.FromSeconds(1), 512);
        pacer.TimeOf(1000).ShouldBe(TimeSpan.Zero);
        pacer.Stepped(100, 0, TimeSpan.FromMilliseconds(200));
        pacer.TimeOf(1000).TotalSeconds.ShouldBe(2, 0.01);
    }
}
