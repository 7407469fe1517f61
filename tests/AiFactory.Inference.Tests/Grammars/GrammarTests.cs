using System.Text;
using AiFactory.Inference.Grammars;

namespace AiFactory.Inference.Tests.Grammars;

public sealed class GrammarTests
{
    [Theory]
    [InlineData("root ::= \"a\" \"bc\"", "abc", "ab|abd|abcc|")]
    [InlineData("root ::= \"a\" | \"b\" \"c\"", "a|bc", "ac|b|")]
    [InlineData("root ::= [a-c]* \"-\"?", "|abc|abc-|-", "d|--")]
    [InlineData("root ::= [^a-c\\n]+", "x|\u00e9\U0001F600", "a|xa||\n")]
    [InlineData("root ::= \"ab\"{2}", "abab", "ab|ababab|abb")]
    [InlineData("root ::= [0-9]{2,3}", "12|123", "1|1234")]
    [InlineData("root ::= [0-9]{2,}", "12|12345678", "1|")]
    [InlineData("root ::= (\"a\" | \"b\"){0,2} \"c\"", "c|ac|abc", "abac|ab")]
    [InlineData("root ::= \"x\" root \"y\" | \"\"", "|xy|xxxyyy", "xyy|xxy|x")]
    [InlineData("root ::= list\nlist ::= item (\",\" item)*  # a comment\n\nitem ::= \"(\" list \")\" | [a-z]\n", "a|a,b|(a,(b,c)),d", "a,|(a|()")]
    [InlineData("root ::= (\n  \"a\" # in a group\n  | \"b\"\n)\n", "a|b", "c")]
    [InlineData("root ::=\n \"a\" |\n \"b\"", "a|b", "ab")]
    [InlineData("root ::= \"\\x41\\u00e4\\U0001F600\\\"\\\\\"", "A\u00e4\U0001F600\"\\", "A")]
    [InlineData("root ::= [\\]\\-\\[x-]", "]|-|[|x", "\\")]
    [InlineData("root ::= . .", "ab|\U0001F600\n", "a|abc")]
    [InlineData("root ::= (\"a\"?)* \"b\"", "b|aab", "a")]
    [InlineData("root ::= (\"a\" | \"aa\"){3} \"b\"", "aaab|aaaaaab", "aab|aaaaaaab")]
    [InlineData("root ::= [x] | none\nnone ::= \"a\" none", "x", "a|aa")]
    [InlineData("rule_1 ::= \"a\"\r\nroot ::= rule_1+\r\n", "a|aa", "b")]
    public void An_answer_meets_the_grammar_or_not(string grammar, string good, string bad)
    {
        good.Split('|').Where(text => !Meets(grammar, text)).ShouldBeEmpty();
        bad.Split('|').Where(text => Meets(grammar, text)).ShouldBeEmpty();
    }

    /// <summary>Each reference was looked at again for each of the others: this took minutes.</summary>
    [Fact]
    public void A_grammar_of_many_references_is_read() =>
        Meets($"root ::= \"x\" ( {string.Concat(Enumerable.Repeat("a ", 100_000))}| z )\na ::= \"a\"\nz ::= \"x\" z | \"y\"", "xxy").ShouldBeTrue();

    [Fact]
    public void A_grammar_that_can_begin_in_too_many_ways_is_refused_before_any_answer() =>
        Should.Throw<GrammarException>(() => Grammar.Parse($"root ::= {string.Join('|', Enumerable.Repeat("[a]", 30_000))}")).Message.ShouldContain("too many ways");

    [Theory]
    [InlineData("", 1, 1, "no rule 'root'")]
    [InlineData("root ::= \"a", 1, 10, "has no end")]
    [InlineData("root ::= \"a\"\nroot ::= \"b\"", 2, 1, "defined twice")]
    [InlineData("root ::= x\n", 1, 10, "'x' is used and never defined")]
    [InlineData("root ::= \"a\" )", 1, 14, "closes nothing")]
    [InlineData("root ::= ( \"a\"", 1, 10, "not closed")]
    [InlineData("root ::= * \"a\"", 1, 10, "nothing to repeat")]
    [InlineData("root ::= \"a\"\n  x = 5", 2, 5, "'::='")]
    [InlineData("root ::= [b-a]", 1, 11, "backwards")]
    [InlineData("root ::= \"\\q\"", 1, 11, "no such escape")]
    [InlineData("root ::= \"\\ud800\"", 1, 11, "no Unicode character")]
    [InlineData("root ::= \"\\xg1\"", 1, 11, "hexadecimal")]
    [InlineData("root ::= \"a\"{2", 1, 15, "'}'")]
    [InlineData("root ::= \"a\"{3,2}", 1, 13, "fewer")]
    [InlineData("root ::= \"a\"{9999999}", 1, 14, "at most 1000000")]
    [InlineData("root ::= <[12]>", 1, 10, "not supported")]
    [InlineData("root ::= root \"a\" | \"b\"", 1, 1, "left recursion")]
    [InlineData("root ::= a\na ::= b \"x\"\nb ::= \"\" a", 1, 10, "left recursion")]
    [InlineData("root ::= \"a\" root", 1, 1, "no text")]
    [InlineData("root ::= (\"a\"?){100}", 1, 1, "may be empty")]
    [InlineData("root ::= \"a\" \u00e9", 1, 14, "not expected")]
    public void A_fault_is_named_with_its_line_and_column(string grammar, int line, int column, string words)
    {
        var fault = Should.Throw<GrammarException>(() => Grammar.Parse(grammar));
        fault.Message.ShouldContain(words);
        (fault.Line, fault.Column).ShouldBe((line, column));
    }

    [Fact]
    public void A_grammar_is_bounded_in_its_text_and_nesting()
    {
        Should.Throw<GrammarException>(() => Grammar.Parse(new string('#', 300_000))).Message.ShouldContain("262144");
        Should.Throw<GrammarException>(() => Grammar.Parse($"root ::= {new string('(', 100_000)}")).Message.ShouldContain("more than 100 parentheses");
        Should.Throw<GrammarException>(() => Grammar.Parse($"root ::= \"a\"{new string('*', 100_000)}")).Message.ShouldContain("more than 20000 rules");
    }

    /// <summary>Each answer that a long chain of rules allows is found without one call for each rule.</summary>
    [Fact]
    public void Rules_may_follow_each_other_as_long_as_they_like()
    {
        var chain = new StringBuilder("root ::= r0\n");
        for (var i = 0; i < 15_000; i++)
        {
            chain.Append(System.Globalization.CultureInfo.InvariantCulture, $"r{i} ::= r{i + 1}\n");
        }

        Meets(chain.Append("r15000 ::= \"a\"").ToString(), "a").ShouldBeTrue();
    }

    [Fact]
    public void An_answer_nests_no_deeper_than_the_limit()
    {
        const string Nested = "root ::= \"(\" root \")\" | \"x\"";
        var deep = new string('(', 50);
        Meets(Nested, $"{deep}x{new string(')', 50)}", new GrammarLimits(MostDepth: 60)).ShouldBeTrue();
        Meets(Nested, deep, new GrammarLimits(MostDepth: 40)).ShouldBeFalse();
    }

    /// <summary>A rule that ends in itself is a loop, not a depth.</summary>
    [Fact]
    public void A_long_answer_stays_small_in_memory()
    {
        var matcher = new GrammarMatcher(Grammar.Parse("root ::= [a-z] root | \".\""));
        var state = matcher.Start;
        for (var i = 0; i < 100_000; i++)
        {
            state = matcher.BeginToken(matcher.Advance(state, "ab"u8).ShouldNotBeNull());
            state.Nodes.All(node => node.Depth == 0).ShouldBeTrue(); // ShouldAllBe compiles its expression each time
        }

        matcher.Advance(state, "."u8).ShouldNotBeNull().IsEnd.ShouldBeTrue();
    }

    [Fact]
    public void What_can_be_read_in_too_many_ways_is_given_up()
    {
        var matcher = new GrammarMatcher(Grammar.Parse("root ::= (\"a\" | \"aa\" | \"aaa\"){0,1000000} \"b\"", new GrammarLimits(MostPlaces: 100)));
        Should.Throw<GrammarOverloadException>(() => matcher.Advance(matcher.Start, Encoding.ASCII.GetBytes(new string('a', 1000))));
    }

    /// <summary>By bytes, as tokens come: a state in the middle of a character takes only what may end it.</summary>
    [Fact]
    public void A_character_may_come_in_parts()
    {
        var matcher = new GrammarMatcher(Grammar.Parse("root ::= [\\u00e0-\\u00ff] \"!\""));
        var half = matcher.Advance(matcher.Start, 0xC3).ShouldNotBeNull();
        matcher.Advance(half, 0xA9).ShouldNotBeNull();
        matcher.Advance(half, 0x9F).ShouldBeNull();
        matcher.Advance(half, (byte)'!').ShouldBeNull();
        matcher.Advance(matcher.Start, 0xC2).ShouldBeNull();
        matcher.Advance(matcher.Start, 0xA9).ShouldBeNull();

        // Not shortest (RFC 3629, section 3), half of a surrogate pair, above the last character.
        var any = new GrammarMatcher(Grammar.Parse("root ::= ."));
        byte[][] bad = [[0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80], [0xED, 0xA0], [0xF0, 0x80], [0xF4, 0x90], [0xF8], [0xFF]];
        bad.Where(bytes => any.Advance(any.Start, bytes) is not null).ShouldBeEmpty();
        any.Advance(any.Start, "\U0010FFFF"u8).ShouldNotBeNull().IsEnd.ShouldBeTrue();
        any.Advance(any.Start, "\uD7FF"u8).ShouldNotBeNull().IsEnd.ShouldBeTrue();
    }

    [Fact]
    public void What_is_forgotten_is_found_again()
    {
        var matcher = new GrammarMatcher(Grammar.Parse("root ::= \"(\" root \")\" root | [a-z]{0,3000} \".\""));
        var state = matcher.Start;
        foreach (var next in string.Concat(Enumerable.Repeat("(", 500)) + string.Concat(Enumerable.Repeat(new string('a', 2500) + ".)", 500)))
        {
            state = matcher.BeginToken(matcher.Advance(state, (byte)next).ShouldNotBeNull());
        }

        matcher.Advance(state, "x."u8).ShouldNotBeNull().IsEnd.ShouldBeTrue();
    }

    private static bool Meets(string grammar, string text, GrammarLimits? limits = null)
    {
        var matcher = new GrammarMatcher(Grammar.Parse(grammar, limits));
        return matcher.Advance(matcher.Start, Encoding.UTF8.GetBytes(text))?.Accepts == true;
    }
}
