using AiFactory.Builder.Published;

namespace AiFactory.Builder.Tests.Published;

public sealed class AnswerTextTests
{
    private readonly AnswerText _answer = new();

    [Fact]
    public void Pieces_are_said_as_they_come_and_the_end_adds_nothing()
    {
        _answer.Add("answer", 1, 0, "Hello").ShouldBe("Hello");
        _answer.Add("answer", 1, 5, " you").ShouldBe(" you");
        _answer.End("Hello you").ShouldBeNull();
    }

    [Fact]
    public void A_piece_that_was_lost_is_filled_in_from_the_finished_run()
    {
        _answer.Add("answer", 1, 0, "Hello").ShouldBe("Hello");
        _answer.Add("answer", 1, 9, " later").ShouldBeNull();
        _answer.End("Hello all later").ShouldBe(" all later");
    }

    [Fact]
    public void A_piece_that_comes_twice_is_said_once()
    {
        _answer.Add("answer", 1, 0, "Hello");
        _answer.Add("answer", 1, 0, "Hello").ShouldBeNull();
        _answer.Add("answer", 1, 5, "!").ShouldBe("!");
    }

    [Fact]
    public void A_second_attempt_that_says_the_same_goes_on_where_the_first_broke_off()
    {
        _answer.Add("answer", 1, 0, "Hello");
        _answer.Add("answer", 2, 0, "Hel").ShouldBeNull();
        _answer.Add("answer", 2, 3, "lo you").ShouldBe(" you");
        _answer.Add("answer", 1, 5, " late").ShouldBeNull();
        _answer.End("Hello you").ShouldBeNull();
    }

    [Fact]
    public void A_second_attempt_that_says_something_else_is_given_whole_at_the_end()
    {
        _answer.Add("answer", 1, 0, "Hello");
        _answer.Add("answer", 2, 0, "Good day").ShouldBeNull();
        _answer.End("Good day").ShouldBe("\n\nGood day");
    }

    [Fact]
    public void Of_two_steps_at_once_one_is_followed_and_the_end_says_the_rest()
    {
        _answer.Add("one", 1, 0, "A").ShouldBe("A");
        _answer.Add("two", 1, 0, "B").ShouldBeNull();
        _answer.End("A\n\nB").ShouldBe("\n\nB");
    }

    /// <summary>Each piece was compared with all that was said before it, in new copies: a long answer took gigabytes.</summary>
    [Fact]
    public void A_piece_of_a_long_answer_costs_as_much_as_one_of_a_short_answer()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
        {
            _answer.Add("answer", 1, i * 10, "0123456789").ShouldBe("0123456789");
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(20_000_000);
        _answer.End(string.Concat(Enumerable.Repeat("0123456789", 10_000))).ShouldBeNull();
    }

    [Fact]
    public void An_answer_that_no_step_streamed_is_said_at_the_end() => _answer.End("42").ShouldBe("42");

    [Fact]
    public void An_empty_answer_says_nothing() => _answer.End("").ShouldBeNull();
}
