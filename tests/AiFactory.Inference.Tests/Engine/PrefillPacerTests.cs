using AiFactory.Inference.Engine;

namespace AiFactory.Inference.Tests.Engine;

public sealed class PrefillPacerTests
{
    private static readonly TimeSpan Target = TimeSpan.FromMilliseconds(50);

    [Fact]
    public void A_setting_is_kept_to()
    {
        var pacer = new PrefillPacer(64, Target, 512);
        pacer.Stepped(64, 4, TimeSpan.FromSeconds(9));
        pacer.Tokens.ShouldBe(64);
        new PrefillPacer(4000, Target, 512).Tokens.ShouldBe(512);
    }

    [Fact]
    public void Prompts_get_what_the_answers_leave_of_the_target() => After(answers: 10, tokenMilliseconds: 0.2).ShouldBeInRange(198, 201);

    [Fact]
    public void Where_answers_alone_take_longer_prompts_get_as_much_time_as_they() => After(answers: 100, tokenMilliseconds: 1).ShouldBeInRange(98, 101);

    [Fact]
    public void They_never_get_less_than_a_part_worth_its_pass_nor_more_than_a_batch()
    {
        After(answers: 10, tokenMilliseconds: 50).ShouldBe(32);
        After(answers: 1, tokenMilliseconds: 0.001).ShouldBe(512);
    }

    [Fact]
    public void The_time_of_a_load_that_ended_is_forgotten_though_every_step_has_prompts()
    {
        // What hundreds of answers took stood for what one takes, and left prompts a whole batch.
        var pacer = new PrefillPacer(0, Target, 512);
        for (var i = 0; i < 60; i++)
        {
            pacer.Stepped(0, 200, TimeSpan.FromMilliseconds(500));
            pacer.Stepped(100, 200, TimeSpan.FromMilliseconds(520));
        }

        for (var i = 0; i < 60; i++)
        {
            pacer.Stepped(100, 1, TimeSpan.FromMilliseconds(30));
        }

        pacer.Tokens.ShouldBeInRange(100, 250);
    }

    private static int After(double answers, double tokenMilliseconds)
    {
        var pacer = new PrefillPacer(0, Target, 512);
        for (var i = 0; i < 60; i++)
        {
            pacer.Stepped(0, 4, TimeSpan.FromMilliseconds(answers));
            pacer.Stepped(100, 4, TimeSpan.FromMilliseconds(answers + (100 * tokenMilliseconds)));
        }

        return pacer.Tokens;
    }
}
