using System.Text;
using System.Text.RegularExpressions;
using AiFactory.ServiceDefaults.Guardrails;

namespace AiFactory.ServiceDefaults.Tests.Guardrails;

public sealed class RulePatternTests
{
    [Theory]
    [InlineData("(a", "Not enough )'s")]
    [InlineData("(?=a)b", "no text can stretch")]
    [InlineData(@"(a)\1", "backreference")]
    [InlineData("(?>a)", "atomic")]
    [InlineData("(a{500}){500}", "automata as large")]
    [InlineData("a*", "matches nothing at all")]
    [InlineData(@"\b", "matches nothing at all")]
    [InlineData("a+", "has no longest length")]
    [InlineData("a{3,}b", "has no longest length")]
    [InlineData("^a", "leave out ^")]
    [InlineData(@"a\z", "leave out ^")]
    [InlineData("(?:^|x)a", "leave out ^")]
    [InlineData("a{450}b{450}", "can have 900 characters")]
    [InlineData("(?:a{1,50}|b){40}", "unfold to 2040 parts")]
    [InlineData(@"a(?:\b){5000}", "unfold to 5001 parts")]
    [InlineData("a(){5000}", "unfold to 5001 parts")]
    [InlineData("a(?:(?:){2000}){2000}", "unfold to 4000001 parts")]
    [InlineData("a(?i)b", "at its very beginning")]
    [InlineData("(?x)a b", "option 'x'")]
    public void What_a_stream_cannot_be_held_against_is_refused_with_the_way_out(string pattern, string says)
    {
        RulePattern.Parse(pattern, ignoreCase: false, streams: true, out var complaint).ShouldBeNull();

        complaint.ShouldNotBeNull().ShouldContain(says);
    }

    [Theory]
    [InlineData("a+")]
    [InlineData("^a$")]
    [InlineData("a{450}b{450}")]
    public void Where_nothing_streams_a_match_may_have_any_length_and_ask_for_the_texts_ends(string pattern) =>
        RulePattern.Parse(pattern, ignoreCase: false, streams: false, out _).ShouldNotBeNull();

    [Theory]
    [InlineData("abc", 3)]
    [InlineData("a?b{2,4}", 5)]
    [InlineData("(?:ab|c)(?<name>d|ef){3}", 8)]
    [InlineData(@"[a\]b-d-[c]]x|\u0041\x41\cA\p{Lu}\d\.", 6)]
    [InlineData("(?i)a(?-i:b)(?#words)c", 3)]
    [InlineData(@"a{x}|b", 4)]
    [InlineData("[]a][^]b]", 2)]
    public void The_longest_match_is_known(string pattern, int longest) =>
        RulePattern.Parse(pattern, ignoreCase: false, streams: true, out _).ShouldNotBeNull().Longest.ShouldBe(longest);

    /// <summary>Where a match begins, .NET's own engine says; of two lengths ours is the longer. In pieces as in one.</summary>
    [Fact]
    public void Random_patterns_find_in_random_texts_what_dotnet_finds_whole_and_in_pieces()
    {
        var random = new Random(17);
        var (read, matched) = (0, 0);
        for (var i = 0; i < 1500; i++)
        {
            var ignoreCase = random.Next(2) == 0;
            var source = RandomPattern(random, 3);
            if (RulePattern.Parse(source, ignoreCase, streams: true, out _) is not { } pattern)
            {
                continue;
            }

            read++;
            var text = RandomText(random, 40);
            var dotnet = new Regex(source, ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None);
            var steps = 0L;
            for (var from = 0; from < text.Length;)
            {
                var expected = dotnet.Match(text, from);
                var actual = pattern.Find(text, from, isEnd: true, ref steps);
                (actual.Length > 0).ShouldBe(expected.Success, $"'{source}' in '{text}' from {from}");
                if (!expected.Success)
                {
                    break;
                }

                matched++;
                actual.Start.ShouldBe(expected.Index, $"'{source}' in '{text}' from {from}");
                actual.Length.ShouldBeInRange(expected.Length, pattern.Longest ?? 0, $"'{source}' in '{text}' from {from}");
                InPieces(pattern, text, from).ShouldBe((actual.Start, actual.Length), $"'{source}' in '{text}' from {from}");
                from = actual.Start + 1;
            }
        }

        (read, matched).ShouldSatisfyAllConditions(count => count.read.ShouldBeGreaterThan(700), count => count.matched.ShouldBeGreaterThan(3000));
    }

    [Theory]
    [InlineData("^a|c$", "abc\nab", "0")]
    [InlineData("(?m)^b|c$", "abc\nb", "2 4")]
    [InlineData(@"\Ab|b\Z", "b ab\n", "0 3")]
    [InlineData(@"\Ab|b\z", "b ab\n", "0")]
    [InlineData("a.b|a(?s:.)c", "a\nb a\nc", "4")]
    [InlineData("(?i)strasse", "STRASSE Strasse", "0 8")]
    [InlineData("ba(?#why)*c|(?#or)xa(?#one)(?#two){2}(?#three)?c", "bc baac xaac", "0 3 8")]
    public void Places_are_asked_for_as_dotnet_asks(string pattern, string text, string places)
    {
        var found = new List<int>();
        var read = RulePattern.Parse(pattern, ignoreCase: false, streams: false, out _).ShouldNotBeNull();
        var steps = 0L;
        for (var match = read.Find(text, 0, isEnd: true, ref steps); match.Length > 0; match = read.Find(text, match.Start + match.Length, isEnd: true, ref steps))
        {
            found.Add(match.Start);
        }

        string.Join(' ', found).ShouldBe(string.Join(' ', Regex.Matches(text, pattern).Select(match => match.Index)));
        string.Join(' ', found).ShouldBe(places);
    }

    /// <summary>The largest that there are: all that is no letter, without one of its signs.</summary>
    [Fact]
    public void Classes_are_few_and_small_and_equal_ones_are_shared()
    {
        var classes = Enumerable.Range(0, RulePattern.MostClasses).Select(i => $@"[\W-[\u{0x3000 + (i * 7):x4}]]").ToArray();
        var largest = RulePattern.Parse(string.Join('|', classes), ignoreCase: false, streams: true, out _).ShouldNotBeNull();
        TestContext.Current.TestOutputHelper?.WriteLine($"A rule with {classes.Length} large classes takes {largest.Bytes / 1024} KiB, fifty of them {largest.Bytes * 50L / 1024 / 1024} MiB.");
        largest.Bytes.ShouldBeLessThan(1 << 20);

        RulePattern.Parse(string.Join('|', classes.Append("[a]").Append(@"\d")), ignoreCase: false, streams: true, out var complaint).ShouldBeNull();
        complaint.ShouldNotBeNull().ShouldContain("102 different classes");
        RulePattern.Parse(string.Join('|', Enumerable.Range(0x4E00, 300).Select(letter => (char)letter)), ignoreCase: false, streams: true, out _).ShouldNotBeNull("letters are no classes").Bytes.ShouldBeLessThan(200 << 10);

        var one = CharacterClasses.Of(new PatternNode.Character("[a-f]", ""));
        CharacterClasses.Of(new PatternNode.Character("[a-f]", "m")).ShouldBeSameAs(one);
        CharacterClasses.Of(new PatternNode.Character("[a-f]", "i")).ShouldNotBeSameAs(one);
        CharacterClasses.Of(new PatternNode.Character(".", "s")).ShouldNotBeSameAs(CharacterClasses.Of(new PatternNode.Character(".", "")));
    }

    [Fact]
    public void Passing_over_a_text_to_where_something_can_begin_costs_too()
    {
        var steps = 0L;
        RulePattern.Parse("zb", ignoreCase: false, streams: true, out _).ShouldNotBeNull().Find(new string('a', 80_000), 0, isEnd: true, ref steps).Start.ShouldBe(-1);

        steps.ShouldBeGreaterThan(5_000);
    }

    /// <summary>Whatever .NET takes is read or refused in words, and nothing else happens.</summary>
    [Fact]
    public void No_pattern_makes_the_parser_stumble()
    {
        var random = new Random(18);
        const string letters = @"ab(?:)[]^-{}1,2*+?|\bdcAu0061p{Lu}<n>'#i$.x";
        for (var i = 0; i < 5000; i++)
        {
            var source = new string([.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => letters[random.Next(letters.Length)])]);
            Should.NotThrow(() => RulePattern.Parse(source, ignoreCase: false, streams: true, out _), source);
        }
    }

    private static string RandomPattern(Random random, int depth)
    {
        var text = new StringBuilder();
        for (var parts = random.Next(1, 4); parts > 0; parts--)
        {
            text.Append(random.Next(depth > 0 ? 9 : 5) switch
            {
                0 => "a",
                1 => "b",
                2 => "[ab]",
                3 => ".",
                4 => @"\b",
                5 => $"(?:{RandomPattern(random, depth - 1)}|{RandomPattern(random, depth - 1)})",
                6 => $"({RandomPattern(random, depth - 1)}){{{random.Next(2)},{random.Next(1, 4)}}}",
                7 => $"(?:{RandomPattern(random, depth - 1)})?",
                _ => $"{RandomPattern(random, depth - 1)}c??",
            });
        }

        return text.ToString();
    }

    /// <summary>With one character more at a time, from where it is not decided.</summary>
    private static (int Start, int Length) InPieces(RulePattern pattern, string text, int from)
    {
        var steps = 0L;
        for (var end = from; end < text.Length; end++)
        {
            var match = pattern.Find(text.AsSpan(0, end), from, isEnd: false, ref steps);
            if (match.Length > 0)
            {
                return (match.Start, match.Length);
            }

            match.Undecided.ShouldBeGreaterThanOrEqualTo(from);
            from = match.Undecided;
        }

        var last = pattern.Find(text, from, isEnd: true, ref steps);
        return (last.Start, last.Length);
    }

    private static string RandomText(Random random, int length) => new([.. Enumerable.Range(0, length).Select(_ => "aAbBc -"[random.Next(7)])]);
}
