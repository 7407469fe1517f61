using System.Text;
using AiFactory.Inference.Engine.Sampling;
using AiFactory.Inference.Grammars;

namespace AiFactory.Inference.Tests.Engine.Sampling;

public sealed class CallConstraintTests
{
    private const int End = 0;

    // Bytes that are no UTF-8 among them, and one that stands for no text.
    private static readonly string[] Texts = ["", "", "a", "b", "<", "<c", "<call", ">", ">1", ">x", "1", "2", "!", "!a", "!<call>1", "<call>12!", "<call>12!<call>2!b", "<call>3!", "1!<call>x"];

    private static readonly VocabularyTrie Vocabulary = new([.. Texts.Select(Encoding.UTF8.GetBytes), [0xFF], [0xC3]]);

    private static CallConstraint Begin(string grammar = "root ::= [12]+ \"!\"", bool isStrict = true, GrammarLimits? limits = null) =>
        new(new HeldCalls([("<call>", Grammar.Parse(grammar, limits))], isStrict), Vocabulary, token => token == End);

    [Fact]
    public void Text_without_a_mark_is_free()
    {
        var constraint = Begin();
        foreach (var token in (int[])[1, 2, 4, 5, Texts.Length, 4, 6, 3, Texts.Length + 1, 10, 12, 7])
        {
            constraint.Allows(token).ShouldBeTrue();
            constraint.Accept(token);
            constraint.MayEnd.ShouldBeTrue();
            constraint.Allows(End).ShouldBeTrue();
            constraint.IsComplete.ShouldBeFalse();
        }
    }

    [Fact]
    public void Behind_a_mark_only_the_calls_grammar_goes_on()
    {
        var constraint = Begin();
        Say(constraint, "a", "<c", "", "<call");
        Allowed(constraint).ShouldNotContain(">x");
        Say(constraint, ">");
        Allowed(constraint).ShouldBe(["1", "2"], ignoreOrder: true);
        constraint.MayEnd.ShouldBeFalse();
        Say(constraint, "1");
        Allowed(constraint).ShouldContain("!");
        Allows(constraint, "a").ShouldBeFalse();
        Allows(constraint, "").ShouldBeFalse();
        Say(constraint, "!");
        constraint.MayEnd.ShouldBeTrue();
        Allows(constraint, "b").ShouldBeTrue();

        // And each call again.
        Say(constraint, "b", "<call", ">1");
        Allows(constraint, "b").ShouldBeFalse();
        Say(constraint, "2", "!a", "b");
    }

    [Fact]
    public void A_token_may_hold_the_end_of_a_mark_or_of_a_call_and_more()
    {
        var constraint = Begin();
        Say(constraint, "<call");
        Allows(constraint, ">1").ShouldBeTrue();
        Allows(constraint, ">x").ShouldBeFalse();
        Allowed(constraint).ShouldBe(Texts.Skip(1).Where(text => text != ">x" && !text.Contains("<call>3", StringComparison.Ordinal) && !text.Contains("<call>x", StringComparison.Ordinal)), ignoreOrder: true);
        Allows(constraint, "<call>3!").ShouldBeFalse();
        Say(constraint, "<call>12!<call>2!b", "a", "<call>12!");
        constraint.MayEnd.ShouldBeTrue();
        Say(constraint, "<call", ">1", "!<call>1");
        constraint.MayEnd.ShouldBeFalse();
        Allows(constraint, "1!<call>x").ShouldBeFalse();
        Allows(constraint, "!a").ShouldBeTrue();
    }

    /// <summary>Not strict: a mark that the model only speaks of is text, as soon as it goes on otherwise; a call that has begun is held.</summary>
    [Fact]
    public void A_mark_that_begins_no_call_is_let_go_by_the_models_own_choice_unless_it_is_strict()
    {
        foreach (var choice in (string[])["a", "<c", ""])
        {
            var free = Begin(isStrict: false);
            Say(free, "<call", ">");
            Allows(free, choice).ShouldBeFalse();
            free.AllowsChoice(Token(choice)).ShouldBeTrue();
            free.AllowsChoice(End).ShouldBeTrue();
            free.Accept(Token(choice));
            free.AllowsChoice(Token("b")).ShouldBeTrue();
        }

        var within = Begin(isStrict: false);
        Say(within, "<call");
        Allows(within, ">x").ShouldBeFalse();
        within.AllowsChoice(Token(">x")).ShouldBeTrue();
        within.Accept(Token(">x"));
        within.MayEnd.ShouldBeTrue();

        // The next one is held again, from where it has begun.
        Say(within, "<call", ">1");
        within.AllowsChoice(Token("a")).ShouldBeFalse();
        within.AllowsChoice(End).ShouldBeFalse();

        var strict = Begin();
        Say(strict, "<call", ">");
        strict.AllowsChoice(Token("a")).ShouldBeFalse();
        strict.AllowsChoice(End).ShouldBeFalse();
        strict.AllowsChoice(Token("1")).ShouldBeTrue();
    }

    /// <summary>An answer in JSON begins as a call without a mark does.</summary>
    [Theory]
    [InlineData("1", "!", false)]
    [InlineData("12,", "a", true)]
    public void A_call_without_a_mark_is_one_when_it_has_named_a_function(string begun, string choice, bool isHeld)
    {
        var bytes = new VocabularyTrie([.. Enumerable.Range(0, 128).Select(character => new[] { (byte)character })]);
        var constraint = new CallConstraint(new HeldCalls([("<call>", Grammar.Parse("root ::= \"1\""))], isStrict: true) { Start = ("{", Grammar.Parse("root ::= [12]+ \",\" [12]+ \"}\"")) }, bytes, _ => false);
        foreach (var character in "{" + begun)
        {
            constraint.Allows(character).ShouldBeTrue();
            constraint.Accept(character);
        }

        constraint.AllowsChoice(choice[0]).ShouldBe(!isHeld);
    }

    /// <summary>A grammar that can be read in more ways than are followed: who asked for it gets an error, who did not an answer.</summary>
    [Fact]
    public void A_call_that_can_be_read_in_too_many_ways_is_let_go_unless_it_is_strict()
    {
        var many = $"root ::= \"1\" ({string.Join(" | ", Enumerable.Range(0, 100).Select(number => $"r{number}"))})\n{string.Concat(Enumerable.Range(0, 100).Select(number => $"r{number} ::= ([12] [12] [12])+ \"{number}!\"\n"))}";
        var limits = new GrammarLimits(MostPlaces: 50);
        var strict = Begin(many, limits: limits);
        Say(strict, "<call", ">");
        Should.Throw<GrammarOverloadException>(() => Say(strict, "1"));

        var free = Begin(many, isStrict: false, limits);
        Say(free, "<call", ">", "1", "a", "b");
        free.MayEnd.ShouldBeTrue();
    }

    [Fact]
    public void Marks_are_found_as_a_plain_search_finds_them()
    {
        var random = new Random(5);
        for (var run = 0; run < 500; run++)
        {
            var marks = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Random(random, 1 + random.Next(4))).Distinct().ToList();
            var search = new MarkSearch([.. marks.Select(Encoding.UTF8.GetBytes)]);
            var (text, state, seen) = (Random(random, 40), 0, "");
            foreach (var next in text)
            {
                seen += next;
                state = search.Next(state, (byte)next);
                marks.Exists(mark => seen.EndsWith(mark, StringComparison.Ordinal)).ShouldBe(state < 0, $"{string.Join(',', marks)} in {seen}");
                if (state < 0)
                {
                    seen.ShouldEndWith(marks[~state]);
                    (state, seen) = (0, "");
                }
            }
        }

        static string Random(Random random, int length) => new([.. Enumerable.Range(0, length).Select(_ => "ab"[random.Next(2)])]);
    }

    private static void Say(CallConstraint constraint, params string[] texts)
    {
        foreach (var text in texts)
        {
            Allows(constraint, text).ShouldBeTrue(text);
            constraint.Accept(Token(text));
        }
    }

    private static bool Allows(CallConstraint constraint, string text) => constraint.Allows(Token(text));

    private static IEnumerable<string> Allowed(CallConstraint constraint) => constraint.GetAllowed().Where(token => token < Texts.Length).Select(token => Texts[token]);

    private static int Token(string text) => Array.LastIndexOf(Texts, text);
}
