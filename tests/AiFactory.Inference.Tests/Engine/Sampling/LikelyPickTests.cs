using System.Text;
using AiFactory.Inference.Engine.Sampling;
using AiFactory.Inference.Grammars;
using AiFactory.Inference.Native;

namespace AiFactory.Inference.Tests.Engine.Sampling;

public sealed class LikelyPickTests
{
    private const int End = 0;

    /// <summary>An end, all bytes, and syllables of two and three letters.</summary>
    private static readonly byte[][] Pieces =
    [
        [],
        .. Enumerable.Range(0, 256).Select(value => new[] { (byte)value }),
        .. "aeiou".SelectMany(vowel => "bdgklmnprst".SelectMany(consonant => new[] { $"{consonant}{vowel}", $"{vowel}{consonant}", $"{consonant}{vowel}{consonant}", $"{consonant}{vowel}\"" })).Select(Encoding.ASCII.GetBytes),
    ];

    private static readonly VocabularyTrie Vocabulary = new(Pieces);

    [Fact]
    public void The_most_probable_token_that_is_allowed_is_that_of_all_tokens()
    {
        var random = new Random(5);
        var picker = new TokenPicker(Options(temperature: 0));
        var constraint = Text();
        var found = 0;
        for (var step = 0; step < 300; step++)
        {
            var logits = Logits(random);
            var best = constraint.GetAllowed().MaxBy(token => logits[token]);
            var refused = picker.Pick(logits);
            if (!constraint.Allows(refused) && LikelyPick.Find(picker, constraint, logits, refused, new float[logits.Length]) is { } token)
            {
                token.ShouldBe(best);
                found++;
            }

            constraint.Accept(Pieces[best].Contains((byte)'"') && step > 0 ? (byte)'a' + 1 : best);
        }

        found.ShouldBeGreaterThan(50);
    }

    [Fact]
    public void Tokens_that_are_allowed_come_as_often_as_they_are_probable()
    {
        // Of a, b, " and the end, a and b and " may come: with the weights 6, 3 and 1, and 10 for what may not.
        const int Draws = 20_000;
        var logits = new float[Pieces.Length];
        logits.AsSpan().Fill(float.NegativeInfinity);
        (logits['a' + 1], logits['b' + 1], logits['"' + 1], logits['\n' + 1]) = (MathF.Log(6), MathF.Log(3), 0, MathF.Log(10));
        var constraint = Text();
        constraint.Accept('"' + 1);
        var picker = new TokenPicker(Options(temperature: 1));
        var counts = new Dictionary<int, int>();
        for (var i = 0; i < Draws; i++)
        {
            var token = LikelyPick.Find(picker, constraint, logits, '\n' + 1, new float[logits.Length]).ShouldNotBeNull();
            counts[token] = counts.GetValueOrDefault(token) + 1;
        }

        counts.Keys.Order().ShouldBe(['"' + 1, 'a' + 1, 'b' + 1]);
        ((double)counts['a' + 1] / Draws).ShouldBe(0.6, 0.02);
        ((double)counts['b' + 1] / Draws).ShouldBe(0.3, 0.02);
    }

    [Fact]
    public void Where_nothing_probable_is_allowed_nothing_is_found()
    {
        // The answer begins with a quotation mark, which 200 tokens are more probable than.
        var logits = new float[Pieces.Length];
        logits['"' + 1] = -1;
        LikelyPick.Find(new TokenPicker(Options(temperature: 0)), Text(), logits, End, new float[logits.Length]).ShouldBeNull();

        logits.AsSpan().Fill(float.NegativeInfinity);
        LikelyPick.Find(new TokenPicker(Options(temperature: 1)), Text(), logits, End, new float[logits.Length]).ShouldBeNull();
    }

    private static TokenConstraint Text() => new(Grammar.Parse("""root ::= "\"" [^"\n]* "\"" """), Vocabulary, token => token == End);

    private static float[] Logits(Random random) => [.. Pieces.Select(_ => random.NextSingle() * 10)];

    private static LlamaSamplerOptions Options(float temperature) => new(temperature, 1, 0, 0, 7, 1, 0, 0);
}
