using System.Buffers;
using AiFactory.Contracts.Guardrails;
using AiFactory.Gateway.Guardrails;
using AiFactory.Gateway.Guardrails.Texts;

namespace AiFactory.Gateway.Tests.Guardrails;

public sealed class TextScanTests
{
    /// <summary>Of which random texts are made: what is found, what nearly is, and what is of two UTF-16 units.</summary>
    private static readonly string[] Parts =
    [
        "ada@example.org", "@", ".", " ", "4111 1111 1111 1111", "4111-1111-1111-1112", "1", "11", "DE89 3704 0044 0532 0130 00", "rocket", "rock", " Acme  rocket ", "acme", "😀", "é", "\n", "xyx", "yx", "zzz", "+49 30 1234567",
        "10.0.0.1", "aif_abcdefghijklm", "aif_", "-----BEGIN PRIVATE KEY-----", "AAAA", "==", "-----END PRIVATE KEY-----", "-", "eyJhbGciOiJIUzI1NiJ9.", "eyJzdWIiOiIx", "the", "a",
    ];

    private static readonly GuardrailRule[] Rules =
    [
        new() { Name = "pii", Kind = "pii", Action = "mask", Entities = GuardrailEntities.All },
        new() { Name = "words", Kind = "words", Action = "mask", Words = ["rocket", "acme rocket"] },
        new() { Name = "odd", Kind = "pattern", Action = "mask", Pattern = "x(?:yx){1,3}|y.x|[a-c]{2,3}?", Replacement = "#" },
        new() { Name = "flagged", Kind = "pattern", Action = "flag", Pattern = @"\bthe\b" },
        new() { Name = "forbidden", Kind = "pattern", Action = "block", Pattern = "z{3} ?a" },
    ];

    [Fact]
    public void Random_texts_cut_at_random_come_out_as_they_do_whole()
    {
        var random = new Random(4);
        var policy = Policy(Rules);
        var (blocked, changed) = (0, 0);
        for (var i = 0; i < 1_500; i++)
        {
            Findings ofWhole = new("p"), ofCut = new("p");
            using TextScan whole = new(policy.Output, ofWhole), cut = new(policy.Output, ofCut);
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 25)).Select(_ => Parts[random.Next(Parts.Length)]));
            var (expected, allowed) = Run(whole, [text]);
            var (actual, passed) = Run(cut, Cut(text, random));

            passed.ShouldBe(allowed, text);
            if (allowed)
            {
                actual.ShouldBe(expected, text);
                Sorted(ofCut.Marks).ShouldBe(Sorted(ofWhole.Marks), text);
                changed += expected == text ? 0 : 1;
            }
            else
            {
                blocked++;
            }
        }

        (blocked, changed).ShouldSatisfyAllConditions(count => count.blocked.ShouldBeGreaterThan(30), count => count.changed.ShouldBeGreaterThan(700));
    }

    /// <summary>A policy of a library that let kinds repeat holds, and costs no more than one that names each once.</summary>
    [Fact]
    public void A_kind_that_a_rule_names_twice_is_searched_for_once() =>
        Policy(Rules[0] with { Entities = ["email", "phone", "email"] }).Output.Length.ShouldBe(2);

    [Theory]
    [InlineData("My card is 4111 1111 1111 1111 ok", "My card is [CREDIT_CARD] ok")]
    [InlineData("Mail ada@example.org. Bye", "Mail [EMAIL]. Bye")]
    [InlineData("😀ada@example.org😀", "😀[EMAIL]😀")]
    public void A_finding_cut_in_two_at_any_place_is_masked(string text, string masked)
    {
        using var scan = new TextScan(Policy(Rules[0]).Output, new Findings("p"));
        for (var at = 0; at <= text.Length; at++)
        {
            Run(scan, [text[..at], text[at..]]).Text.ShouldBe(masked, $"cut at {at}");
        }
    }

    [Fact]
    public void Only_what_may_yet_become_a_finding_is_kept_back()
    {
        using var scan = new TextScan(Policy(Rules[0]).Output, new Findings("p"));
        var output = new ArrayBufferWriter<char>();
        scan.Append("All is well, said Ada to my");
        scan.Advance(isEnd: false);
        scan.Release(output);

        new string(output.WrittenSpan).ShouldBe("All is well, said Ada to ", "'my' may be the beginning of an address");
    }

    /// <summary>An engine that tries one way after the other would not come to an end; one search that takes too long throws.</summary>
    [Fact]
    public void Patterns_and_texts_that_are_made_to_be_slow_are_not()
    {
        var policy = Policy(
            new() { Name = "a", Kind = "pattern", Action = "mask", Pattern = "(?:a{0,30}){1,25}b" },
            new() { Name = "b", Kind = "pattern", Action = "mask", Pattern = "(?:(?:a|aa|a[ab]?){1,5}){1,30}c" },
            new() { Name = "c", Kind = "pii", Action = "mask", Entities = GuardrailEntities.All });
        using var scan = new TextScan(policy.Output, new Findings("p"));
        foreach (var text in (string[])[new('a', 2_000), new('1', 20_000), string.Concat(Enumerable.Repeat("1 ", 10_000)), string.Concat(Enumerable.Repeat("a@", 10_000)), string.Concat(Enumerable.Repeat("a.", 10_000))])
        {
            Run(scan, [text]).ShouldBe((text, true));
        }

        Run(scan, [.. Enumerable.Repeat("aaaaaaaaaaaaaaaaaaaa", 10)]).Text.Length.ShouldBe(200);
    }

    /// <summary>A short match is sure and a long one may come to the end, each time: what one search may take is what all of a text may.</summary>
    [Fact]
    public void A_text_with_many_matches_that_each_look_to_its_end_is_given_up()
    {
        using var scan = new TextScan(Policy(new GuardrailRule { Name = "x", Kind = "pattern", Action = "flag", AppliesTo = "input", Pattern = "x|x.*y" }).Input, new Findings("p"));

        Should.Throw<GuardrailException>(() => Run(scan, [new('x', 200_000)], onlyWhole: true)).Rule.Name.ShouldBe("x");
        Run(scan, [new('x', 1_000)], onlyWhole: true).Passed.ShouldBeTrue();
    }

    private static string Sorted(string? marks) => string.Join(',', (marks ?? "").Split(',').Order(StringComparer.Ordinal));

    private static GuardrailPolicy Policy(params GuardrailRule[] rules) => GuardrailCompiler.Compile(EntityTests.Route(rules), complaint => throw new InvalidOperationException(complaint));

    private static (string Text, bool Passed) Run(TextScan scan, IReadOnlyList<string> pieces, bool onlyWhole = false)
    {
        var output = new ArrayBufferWriter<char>();
        scan.Reset();
        foreach (var piece in pieces)
        {
            scan.Append(piece);
            if (onlyWhole)
            {
                continue;
            }

            if (scan.Advance(isEnd: false) is not null)
            {
                return ("", false);
            }

            scan.Release(output);
        }

        if (scan.Advance(isEnd: true) is not null)
        {
            return ("", false);
        }

        scan.Release(output);
        scan.IsEmpty.ShouldBeTrue();
        return (new string(output.WrittenSpan), true);
    }

    private static List<string> Cut(string text, Random random)
    {
        var pieces = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            var length = Math.Min(random.Next(1, 8), text.Length - at);
            pieces.Add(text.Substring(at, length));
            at += length;
        }

        return pieces;
    }
}
