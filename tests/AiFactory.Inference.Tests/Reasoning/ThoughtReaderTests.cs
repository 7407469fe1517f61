using System.Text;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Engine.Sampling;
using AiFactory.Inference.Reasoning;

namespace AiFactory.Inference.Tests.Reasoning;

public sealed class ThoughtReaderTests
{
    private const string Harmony = "<|channel|>analysis<|message|>One <b>.<|end|><|start|>assistant<|channel|>analysis<|message|>Two.<|end|><|start|>assistant<|channel|>final<|message|>Hello <|";

    public static TheoryData<string, string, string, string, string> Answers => new()
    {
        { nameof(ReasoningFormats.Think), "Before", "<think>\nHm.\n\nSo.\n</think>\n\nHello\n", "Hm.\n\nSo.", "Hello\n" },
        { nameof(ReasoningFormats.Think), "Before", "\n<think></think>Hello", "", "Hello" },
        { nameof(ReasoningFormats.Think), "Inside", "\nHm </thin> <think>\n</think>\n\nHello", "Hm </thin> <think>", "Hello" },
        { nameof(ReasoningFormats.Think), "Inside", "Hm, and no e</thi", "Hm, and no e", "" },
        { nameof(ReasoningFormats.Think), "Inside", "Hm<<</think>Hi", "Hm<<", "Hi" },
        { nameof(ReasoningFormats.Think), "Before", " Write <think>x</think>.", "", " Write <think>x</think>." },
        { nameof(ReasoningFormats.Think), "Before", "<thin", "", "<thin" },
        { nameof(ReasoningFormats.Think), "Over", "<think>x</think>", "", "<think>x</think>" },
        { nameof(ReasoningFormats.Mistral), "Before", "[THINK]a[b][/THINK]c", "a[b]", "c" },
        { nameof(ReasoningFormats.Granite), "Before", "<think>a</think> <response>b\n</response>", "a", "b\n" },
        { nameof(ReasoningFormats.Granite), "Before", "<response>b</response>\n", "", "b\n" },
        { nameof(ReasoningFormats.Granite), "Inside", "a</think><response>{\"x\":\"<response></response></response>\"} </resp", "a", "{\"x\":\"<response></response></response>\"} </resp" },
        { nameof(ReasoningFormats.Granite), "Inside", "a</think>\n<response></response></response>", "a", "</response>" },
        { nameof(ReasoningFormats.Granite), "Inside", "a</think>b <response>c</response>", "a", "b <response>c</response>" },
        { nameof(ReasoningFormats.Granite), "Over", "<soap><response>ok</response></soap> <response>", "", "<soap><response>ok</response></soap> <response>" },
        { nameof(ReasoningFormats.Gemma), "Before", "<|channel>thought\na\n<channel|>b <|channel>thought\nc<channel|>d", "ac", "b d" },
        { nameof(ReasoningFormats.Apriel), "Inside", "a\n[BEGIN FINAL RESPONSE]\nb", "a", "b" },
        { nameof(ReasoningFormats.Harmony), "Before", Harmony, "One <b>.Two.", "Hello <|" },
        { nameof(ReasoningFormats.Harmony), "Before", "<|channel|>final<|message|>Hi", "", "Hi" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void Thoughts_are_told_from_the_answer_however_both_are_cut(string format, string place, string written, string thought, string answer)
    {
        var random = new Random(5);
        for (var run = 0; run < 60; run++)
        {
            var cuts = Enumerable.Range(0, run == 0 ? 0 : random.Next(1, 6)).Select(_ => random.Next(written.Length + 1)).Append(0).Append(written.Length).Order().ToList();
            var parts = Read(Reader(format, place), run == 1 ? written.Select(character => character.ToString()) : cuts.Zip(cuts.Skip(1)).Select(pair => written[pair.First..pair.Second]));
            Text(parts, ThoughtPart.Thought).ShouldBe(thought);
            Text(parts, ThoughtPart.Answer).ShouldBe(answer);
            string.Concat(parts.Select(part => part.Text)).ShouldBe(written, "nothing is lost");
        }
    }

    /// <summary>What may be streamed is: thoughts are long, and a client watches them.</summary>
    [Fact]
    public void Only_what_may_become_a_mark_is_held_back()
    {
        var reader = Reader(nameof(ReasoningFormats.Think), "Inside");
        Text(reader.Append("Hm, a < b"), ThoughtPart.Thought).ShouldBe("Hm, a < b");
        Text(reader.Append("</thi"), ThoughtPart.Thought).ShouldBe("");
        Text(reader.Append("n"), ThoughtPart.Thought).ShouldBe("");
        Text(reader.Append("g"), ThoughtPart.Thought).ShouldBe("</thing");
    }

    [Fact]
    public void Tokens_of_thoughts_are_counted_with_their_marks()
    {
        var count = new ThoughtCount(Reader(nameof(ReasoningFormats.Think), "Before"));
        foreach (var (text, generated) in new[] { ("<think>", 1), ("Hm", 3), (".", 4), ("</think>", 5), ("\n\nHi", 7), (" you", 8) })
        {
            count.Note(new GenerationEvent.Text(text) { Generated = generated });
        }

        count.Note(new GenerationEvent.Finished("stop", 3, 0, 9));
        count.Tokens.ShouldBe(5);

        var unfinished = new ThoughtCount(Reader(nameof(ReasoningFormats.Think), "Inside"));
        unfinished.Note(new GenerationEvent.Text("Hm") { Generated = 2 });
        unfinished.Note(new GenerationEvent.Finished("length", 3, 0, 4));
        unfinished.Tokens.ShouldBe(4);
    }

    [Fact]
    public void Probabilities_are_told_of_the_answers_tokens_only()
    {
        string[] written = ["<think>", "Hm", ".", "</think>", "\n\n", "Hi", " you"];
        IReadOnlyList<TokenLogprob> tokens = [.. written.Select(text => new TokenLogprob(Encoding.UTF8.GetBytes(text), -1, []))];
        string.Concat(new AnswerTokens(Reader(nameof(ReasoningFormats.Think), "Before")).Of(tokens).Select(token => Encoding.UTF8.GetString(token.Bytes))).ShouldBe("\n\nHi you");
        new AnswerTokens(null).Of(tokens).ShouldBe(tokens);

        // As they are streamed, and where the template has opened the thoughts.
        var streamed = new AnswerTokens(Reader(nameof(ReasoningFormats.Think), "Inside"));
        tokens.Skip(1).SelectMany(token => streamed.Of([token])).ShouldBe(tokens.Skip(4));
    }

    private static ThoughtReader Reader(string format, string place) =>
        new((ReasoningFormat)typeof(ReasoningFormats).GetField(format).ShouldNotBeNull().GetValue(null).ShouldNotBeNull(), Enum.Parse<ReasoningPlace>(place));

    private static List<(ThoughtPart Part, string Text)> Read(ThoughtReader reader, IEnumerable<string> pieces) => [.. pieces.SelectMany(reader.Append), .. reader.Finish()];

    private static string Text(IEnumerable<(ThoughtPart Part, string Text)> parts, ThoughtPart part) => string.Concat(parts.Where(one => one.Part == part).Select(one => one.Text));
}
