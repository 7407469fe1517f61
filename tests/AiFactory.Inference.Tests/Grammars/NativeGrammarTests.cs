using System.Text;
using AiFactory.Inference.Engine.Sampling;
using AiFactory.Inference.Grammars;
using AiFactory.Inference.Native;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiFactory.Inference.Tests.Grammars;

/// <summary>Our grammars beside llama.cpp's, token by token.</summary>
public sealed class NativeGrammarTests(GeneratedModels models)
{
    private const string Json =
        """
        root ::= object
        value ::= object | array | string | number | ("true" | "false" | "null") ws
        object ::= "{" ws (string ":" ws value ("," ws string ":" ws value)*)? "}" ws
        array ::= "[" ws (value ("," ws value)*)? "]" ws
        string ::= "\"" ([^"\\\x7F\x00-\x1F] | "\\" (["\\bfnrt] | "u" [0-9a-fA-F]{4}))* "\"" ws
        number ::= ("-"? ([0-9] | [1-9] [0-9]{0,15})) ("." [0-9]+)? ([eE] [-+]? [0-9] [1-9]{0,15})? ws
        ws ::= | " " | "\n" [ \t]{0,20}
        """;

    internal static readonly string[] Texts =
    [
        Json,
        "root ::= \"yes\" | \"no\" | [0-9]{1,5}",
        "root ::= (expr \"=\" term \"\\n\")+\nexpr ::= term ([-+*/] term)*\nterm ::= [a-z] | [0-9]+ | \"(\" expr \")\"",
        "root ::= [^\\x00-\\x1F]{3,40} \".\"",
        "root ::= (\"a\" | \"ab\" | \"abc\")* \"c\"? \"end\"",
        "root ::= [\u00e0-\u00ff\u4e00-\u9fff]{2,8} \"\U0001F600\"?",
        "root ::= word (\" \" word){0,20}\nword ::= [a-zA-Z] [a-z]* [,;]?",
        "root ::= . .{2,6} \"x\"",
    ];

    public static TheoryData<string> Grammars => [.. Texts];

    [Theory]
    [MemberData(nameof(Grammars))]
    public void Both_allow_the_same_tokens(string grammar)
    {
        LlamaRuntime.Load(NullLogger.Instance);
        foreach (var path in (string[])[models.Chat, models.EndlessBytes])
        {
            using var model = LlamaModel.Open(path);
            var (steps, ends) = (0, 0);
            for (var seed = 1; seed <= 8; seed++)
            {
                using var theirs = new NativeGrammar(model, grammar);
                var ours = new TokenConstraint(Grammar.Parse(grammar), VocabularyTrie.Of(model), model.IsEndOfGeneration);
                var random = new Random(seed);
                for (var step = 0; step < 60; step++, steps++)
                {
                    var allowed = ours.GetAllowed();
                    var expected = theirs.GetAllowed();
                    expected.RemoveWhere(model.IsEndOfGeneration).ShouldBe(ours.MayEnd ? Ends(model) : 0);
                    Same(model, allowed, expected);
                    allowed.Where(token => !ours.Allows(token)).ShouldBeEmpty();
                    if (allowed.Length == 0)
                    {
                        ours.IsComplete.ShouldBeTrue();
                        ends++;
                        break;
                    }

                    var next = allowed[random.Next(allowed.Length)];
                    ours.Accept(next);
                    theirs.Accept(next);
                }
            }

            (steps + ends).ShouldBeGreaterThan(8);
        }
    }

    /// <summary>llama.cpp lets a character begin in ways that it can never end: bytes that no UTF-8 has, and surrogates. We do not. It takes a text that begins with NUL for none.</summary>
    private static void Same(LlamaModel model, int[] ours, HashSet<int> theirs)
    {
        ours.Where(token => !theirs.Contains(token) && VocabularyTrie.Of(model).Piece(token)[0] != 0).ShouldBeEmpty();
        theirs.ExceptWith(ours);
        theirs.Where(token => IsUtf8(VocabularyTrie.Of(model).Piece(token))).ShouldBeEmpty();
    }

    private static bool IsUtf8(ReadOnlySpan<byte> piece)
    {
        var status = Rune.DecodeLastFromUtf8(piece, out _, out _);
        return status == System.Buffers.OperationStatus.Done;
    }

    private static int Ends(LlamaModel model) => Enumerable.Range(0, model.VocabularySize).Count(model.IsEndOfGeneration);
}
