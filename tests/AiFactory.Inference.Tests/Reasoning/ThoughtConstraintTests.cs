using System.Text;
using AiFactory.Inference.Engine.Sampling;
using AiFactory.Inference.Grammars;

namespace AiFactory.Inference.Tests.Reasoning;

/// <summary>An answer is held behind what the model thinks, and not before.</summary>
public sealed class ThoughtConstraintTests
{
    private const int End = 256;
    private const int Crossing = 257;
    private const int Blanks = 258;

    /// <summary>A token for each byte, the end, one over the end of thoughts into the answer, and one of white space.</summary>
    private static readonly VocabularyTrie Vocabulary = new(
        [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value }), [], "k>\n\n{"u8.ToArray(), "\n\n"u8.ToArray()]);

    [Theory]
    [InlineData("<think>", "<think>any } text</think>{1}")]
    [InlineData("<think>", "\n<think>\n</think>\n\n{1}")]
    [InlineData("<think>", "{1}")]
    [InlineData("", "any <think> text</think>\n{1}")]
    [InlineData("", "</think>{1}")]
    public void The_answer_is_held_behind_the_thoughts(string begin, string written)
    {
        var constraint = Hold(begin, "root ::= \"{\" [0-9] \"}\"");
        foreach (var next in written)
        {
            constraint.Allows(next).ShouldBeTrue($"{next} of {written}");
            constraint.IsComplete.ShouldBeFalse();
            constraint.MayEnd.ShouldBeFalse();
            constraint.Allows(End).ShouldBeFalse();
            constraint.GetAllowed().ShouldContain(next);
            constraint.Accept(next);
        }

        constraint.IsComplete.ShouldBeTrue();
        constraint.MayEnd.ShouldBeTrue();
    }

    [Theory]
    [InlineData("<think>", "", "x")]
    [InlineData("<think>", "<th", "{")]
    [InlineData("<think>", "{", "<")]
    [InlineData("", "hm</think>", "x")]
    [InlineData("", "hm</think>\n\n\n\n\n\n\n\n", "\n")]
    [InlineData("", "hm</think>{", "}")]
    public void What_is_neither_is_refused(string begin, string written, string refused)
    {
        var constraint = Hold(begin, "root ::= \"{\" [0-9] \"}\"");
        Accept(constraint, written);
        constraint.AllowsChoice(refused[0]).ShouldBeFalse();
        constraint.GetAllowed().ShouldNotContain(refused[0]);
    }

    [Fact]
    public void A_token_may_go_from_the_thoughts_into_the_answer()
    {
        var constraint = Hold("", "root ::= \"{\" [0-9] \"}\"");
        Accept(constraint, "hm</thin");
        constraint.Allows(Crossing).ShouldBeTrue();
        constraint.Accept(Crossing);
        constraint.Allows('x').ShouldBeFalse();
        Accept(constraint, "1}");
        constraint.IsComplete.ShouldBeTrue();

        var other = Hold("", "root ::= \"[\"");
        Accept(other, "hm</thin");
        other.Allows(Crossing).ShouldBeFalse("its last byte is none of the answer's");
        other.GetAllowed().ShouldNotContain(Crossing);
    }

    /// <summary>The mark and the answer may begin alike: both go on until one of them does not.</summary>
    [Fact]
    public void An_answer_may_begin_as_the_mark_does()
    {
        var constraint = Hold("<think>", "root ::= \"<thanks>\"");
        Accept(constraint, "<th");
        constraint.GetAllowed().Order().ShouldBe(['a', 'i']);
        Accept(constraint, "anks>");
        constraint.IsComplete.ShouldBeTrue();

        var thinking = Hold("<think>", "root ::= \"<thanks>\"");
        Accept(thinking, "<think>hm</think><thanks>");
        thinking.IsComplete.ShouldBeTrue();
    }

    [Fact]
    public void White_space_that_the_grammar_has_is_its_own()
    {
        var constraint = Hold("", "root ::= \"\\n\\n\" \"x\"");
        Accept(constraint, "hm</think>");
        constraint.GetAllowed().ShouldContain(Blanks);
        constraint.Accept(Blanks);
        constraint.Allows('\n').ShouldBeFalse();
        Accept(constraint, "x");
        constraint.IsComplete.ShouldBeTrue();
    }

    /// <summary>Calls of tools are held where the model makes them, and a mark in its thoughts begins none.</summary>
    [Fact]
    public void A_call_in_thoughts_is_not_held()
    {
        var calls = new HeldCalls([("<tool_call>", Grammar.Parse("root ::= \"{}\" \"</tool_call>\""))], isStrict: true);
        var constraint = new ThoughtConstraint(new HeldThought("<think>", "</think>", MustAnswer: false), () => new CallConstraint(calls, Vocabulary, token => token == End), Vocabulary, token => token == End);
        Accept(constraint, "<think>I write <tool_call>nothing");
        constraint.Allows(End).ShouldBeTrue();
        Accept(constraint, "</think>\nNow: <tool_call>");
        constraint.Allows('x').ShouldBeFalse();
        constraint.Allows(End).ShouldBeFalse();
        Accept(constraint, "{}</tool_call> and text");
        constraint.MayEnd.ShouldBeTrue();

        var answering = new ThoughtConstraint(new HeldThought("<think>", "</think>", MustAnswer: false), () => new CallConstraint(calls, Vocabulary, token => token == End), Vocabulary, token => token == End);
        Accept(answering, "<tool_call>");
        answering.Allows('x').ShouldBeFalse();
    }

    private static ThoughtConstraint Hold(string begin, string grammar)
    {
        var parsed = Grammar.Parse(grammar);
        return new ThoughtConstraint(new HeldThought(begin, "</think>", MustAnswer: true), () => new TokenConstraint(parsed, Vocabulary, token => token == End), Vocabulary, token => token == End);
    }

    private static void Accept(ThoughtConstraint constraint, string text)
    {
        foreach (var next in Encoding.UTF8.GetBytes(text))
        {
            constraint.AllowsChoice(next).ShouldBeTrue($"{(char)next} of {text}");
            constraint.Accept(next);
        }
    }
}
