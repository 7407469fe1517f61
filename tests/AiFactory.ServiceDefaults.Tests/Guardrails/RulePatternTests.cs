using System.Text;
using System.Text.RegularExpressions;
using AiFactory.ServiceDefaults.Guardrails;

namespace AiFactory.ServiceDefaults.Tests.Guardrails;

public sealed class RulePatternTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

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
    [InlineData("(?:a{1,50}|b){40}", "unfold to 2040 characters")]
    [InlineData("a(?i)b", "at its very beginning")]
    [InlineData("(?x)a b", "option 'x'")]
    public void What_a_stream_cannot_be_held_against_is_refused_with_the_way_out(string pattern, string says)
    {
        RulePattern.Parse(pattern, ignoreCase: false, streams: true, Patience, out var complaint).ShouldBeNull();

        complaint.ShouldNotBeNull().ShouldContain(says);
    }

    [Theory]
    [InlineData("a+")]
    [InlineData("^a$")]
    [InlineData("a{450}b{450}")]
    public void Where_nothing_streams_a_match_may_have_any_length_and_ask_for_the_texts_ends(string pattern) =>
        RulePattern.Parse(pattern, ignoreCase: false, streams: false, Patience, out _).ShouldNotBeNull().Beginnings.ShouldBeNull();

    [Theory]
    [InlineData("abc", 3)]
    [InlineData("a?b{2,4}", 5)]
    [InlineData("(?:ab|c)(?<name>d|ef){3}", 8)]
    [InlineData(@"[a\]b-d-[c]]x|\u0041\x41\cA\p{Lu}\d\.", 6)]
    [InlineData("(?i)a(?-i:b)(?#words)c", 3)]
    [InlineData(@"a{x}|b", 4)]
    [InlineData("[]a][^]b]", 2)]
    public void The_longest_match_is_known(string pattern, int longest) =>
        RulePattern.Parse(pattern, ignoreCase: false, streams: true, Patience, out _).ShouldNotBeNull().Longest.ShouldBe(longest);

    /// <summary>What is not held back has to be no beginning of a match: of every match, every beginning is found, and no match is longer than was said.</summary>
    [Fact]
    public void Every_beginning_of_every_match_of_random_patterns_is_found()
    {
        var random = new Random(17);
        var (read, matched) = (0, 0);
        for (var i = 0; i < 3000; i++)
        {
            var source = RandomPattern(random, 3);
            if (RulePattern.Parse(source, ignoreCase: false, streams: true, Patience, out _) is not { Beginnings: { } beginnings, Longest: { } longest } pattern)
            {
                continue;
            }

            read++;
            var text = RandomText(random, 40);
            foreach (var match in pattern.Matches.Matches(text).Cast<Match>())
            {
                matched++;
                match.Length.ShouldBeLessThanOrEqualTo(longest, source);
                for (var end = match.Index + 1; end <= match.Index + match.Length; end++)
                {
                    var found = beginnings.Match(text[..end] + RulePattern.End, match.Index);
                    (found.Success && found.Index == match.Index).ShouldBeTrue($"'{source}' in '{text[..end]}' from {match.Index}");
                }
            }
        }

        (read, matched).ShouldSatisfyAllConditions(count => count.read.ShouldBeGreaterThan(1000), count => count.matched.ShouldBeGreaterThan(1000));
    }

    /// <summary>Whatever .NET takes is read or refused in words, and nothing else happens.</summary>
    [Fact]
    public void No_pattern_makes_the_parser_stumble()
    {
        var random = new Random(18);
        const string letters = @"ab(?:)[]^-{}1,2*+?|\bdcAu0061p{Lu}<n>'#i$.x";
        for (var i = 0; i < 20_000; i++)
        {
            var source = new string([.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => letters[random.Next(letters.Length)])]);
            Should.NotThrow(() => RulePattern.Parse(source, ignoreCase: false, streams: true, Patience, out _), source);
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

    private static string RandomText(Random random, int length) => new([.. Enumerable.Range(0, length).Select(_ => "aabbc -"[random.Next(7)])]);
}
