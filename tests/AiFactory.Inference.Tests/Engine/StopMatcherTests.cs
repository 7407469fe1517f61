using AiFactory.Inference.Engine;

namespace AiFactory.Inference.Tests.Engine;

public sealed class StopMatcherTests
{
    [Theory]
    [InlineData("Hello END world", "END", "Hello ", true)]
    [InlineData("Hello EN", "END", "Hello EN", false)]
    [InlineData("EENDx", "END", "E", true)]
    [InlineData("aabaabaac", "aabaac", "aab", true)]
    [InlineData("no stop here", "###", "no stop here", false)]
    [InlineData("tail 🦙", "🦙", "tail ", true)]
    public void A_stop_text_ends_the_answer_wherever_the_pieces_are_cut(string text, string stop, string expected, bool matched)
    {
        for (var length = 1; length <= text.Length; length++)
        {
            var matcher = new StopMatcher([stop]);
            var told = "";
            for (var start = 0; start < text.Length && !matcher.IsMatched; start += length)
            {
                told += matcher.Append(text.Substring(start, Math.Min(length, text.Length - start)));
            }

            matcher.IsMatched.ShouldBe(matched, $"pieces of {length}");
            (matched ? told : told + matcher.Flush()).ShouldBe(expected, $"pieces of {length}");
        }
    }

    [Fact]
    public void The_earliest_of_several_stop_texts_ends_it()
    {
        var matcher = new StopMatcher(["world", "lo w"]);
        matcher.Append("Hello world").ShouldBe("Hel");
        matcher.IsMatched.ShouldBeTrue();
    }

    [Fact]
    public void What_cannot_become_a_stop_text_is_told_at_once()
    {
        var matcher = new StopMatcher(["\n\n"]);
        matcher.Append("a\n").ShouldBe("a");
        matcher.Append("b").ShouldBe("\nb");
        matcher.IsMatched.ShouldBeFalse();
    }
}
