using System.Text;
using AiFactory.Inference.Templates.Values;
using AiFactory.Inference.Tools;

namespace AiFactory.Inference.Tests.Tools;

public sealed class ToolCallParserTests
{
    private const string Oslo = "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Oslo\"}}\n</tool_call>";

    /// <summary>Text, or <c>name(arguments)</c> for a call, or <c>!rest</c> for what was none.</summary>
    public static TheoryData<string, string> Answers => new()
    {
        { "Just text.", "Just text." },
        { "", "" },
        { " a < b, <tool and <tool_cal\n ", " a < b, <tool and <tool_cal\n " },
        { "<<tool_call", "<<tool_call" },
        { "ends in </tool_call> text", "ends in </tool_call> text" },
        { Oslo, """get_weather({"city": "Oslo"})""" },
        { $"Let me see.\n\n{Oslo}", """Let me see.get_weather({"city": "Oslo"})""" },
        { $"{Oslo}\n{Oslo}\n", """get_weather({"city": "Oslo"})get_weather({"city": "Oslo"})""" },
        { $"{Oslo}{Oslo}", """get_weather({"city": "Oslo"})get_weather({"city": "Oslo"})""" },
        { $"{Oslo}\nDone. <ok> ", """get_weather({"city": "Oslo"})Done. <ok> """ },
        { "<tool_call>{\"name\":\"f\",\"arguments\":{}}</tool_call>", "f({})" },
        { "<tool_call>{\"name\":\"f\"}</tool_call>", "f({})" },
        { "<tool_call>{\"arguments\": {\"a\": [1, 2.5e3, -0, true, null, \"\\u00e9\\n\"]}, \"name\": \"f\"}</tool_call>", """f({"a": [1, 2.5e3, -0, true, null, "\u00e9\n"]})""" },
        { "<tool_call>{\"id\": 5, \"name\": \"f\", \"parameters\": {\"x\": \"</tool_call>\"}}</tool_call>", """f({"x": "</tool_call>"})""" },
        { "<tool_call>{\"name\": \"f\", \"arguments\": \"{\\\"a\\\": 1}\"}</tool_call>", """f({"a": 1})""" },
        { "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": 1}}", """f({"a": 1})""" },
        { "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": 1}\n</tool_call>after", """f({"a": 1})after""" },
        { "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": 1}}\n</tool", """f({"a": 1})""" },
        { "<tool_call>\nnot json\n</tool_call>", "!<tool_call>\nnot json\n</tool_call>" },
        { "a \n<tool_call>[1]</tool_call>", "a! \n<tool_call>[1]</tool_call>" },
        { "<tool_call>{\"arguments\": {\"a\": 1}}</tool_call>", "!<tool_call>{\"arguments\": {\"a\": 1}}</tool_call>" },
        { "<tool_call>{\"name\": 5}</tool_call>", "!<tool_call>{\"name\": 5}</tool_call>" },
        { "<tool_call>{\"name\": \"f\", \"arguments\": [1]}</tool_call>", "f(!, \"arguments\": [1]}</tool_call>" },
        { "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": 01}}</tool_call>", "f({\"a\": 0!1}}</tool_call>" },
        { "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": 1}, oops}</tool_call>", "f({\"a\": 1}!, oops}</tool_call>" },
        { "<tool_call>{\"name\": \"f\", \"arguments\": {\"city\": \"Os", "f({\"city\": \"Os!" },
        { "<tool_call>{\"na", "!<tool_call>{\"na" },
        { "<tool_call>{\"name\": \"delete_all\"", "delete_all(!" },
        { "<tool_call>{\"name\": \"delete_all\", \"id\": \"1\" ", "delete_all(!, \"id\": \"1\" " },
        { "<tool_call>{\"name\": \"f\"</tool_call>", "f({})" },
        { "<tool_call>{\"arguments\": {\"a\": 1}, \"name\": \"f\"", "f({\"a\": 1})" },
        { $"<tool_call>\n{Oslo}", "!<tool_call>\nget_weather({\"city\": \"Oslo\"})" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_answer_is_told_the_same_however_it_is_cut(string answer, string expected)
    {
        Tell([answer]).ShouldBe(expected);
        Tell([.. answer.Select(character => character.ToString())]).ShouldBe(expected);
        for (var first = 0; first <= answer.Length; first++)
        {
            Tell([answer[..first], answer[first..]]).ShouldBe(expected, $"cut at {first}");
        }

        var random = new Random(7);
        for (var run = 0; run < 200; run++)
        {
            var cuts = Enumerable.Range(0, 4).Select(_ => random.Next(answer.Length + 1)).Append(0).Append(answer.Length).Order().ToList();
            Tell([.. cuts.Zip(cuts.Skip(1)).Select(pair => answer[pair.First..pair.Second])]).ShouldBe(expected);
        }
    }

    [Fact]
    public void So_is_any_heap_of_pieces()
    {
        string[] parts = ["<tool_call>", "</tool_call>", "{", "}", "\"name\"", "\"arguments\"", ":", ",", " ", "\n", "\"f\"", "{}", "{\"a\": [1, \"\\u00e9\"]}", "\"{}\"", "12", "1e", "<", "text", "null", Oslo];
        var random = new Random(11);
        for (var run = 0; run < 3000; run++)
        {
            var answer = string.Concat(Enumerable.Range(0, random.Next(1, 14)).Select(_ => parts[random.Next(parts.Length)]));
            Tell([.. answer.Select(character => character.ToString())]).ShouldBe(Tell([answer]), answer);
        }
    }

    [Theory]
    [InlineData("<tool_call>{\"name\": \"delete_all\"")]
    [InlineData("A <tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": ")]
    [InlineData("<tool_call>{\"arguments\": {\"a\": 1}, \"na")]
    public void A_call_without_an_end_is_told_back_whole(string answer)
    {
        var parser = new ToolUse(new ListValue([])).NewParser();
        var events = parser.Append(answer).Concat(parser.Finish()).ToList();
        events.ShouldNotContain(found => found is ToolCallEvent.Ended);
        string.Concat(events.Select(found => found is ToolCallEvent.Text text ? text.Value : (found as ToolCallEvent.Broken)?.Raw)).ShouldBe(answer);
    }

    [Fact]
    public void Arguments_are_told_as_they_come()
    {
        var parser = new ToolUse(new ListValue([])).NewParser();
        parser.Append("<tool_call>{\"name\": \"f\", ").ShouldBe([new ToolCallEvent.Begun(0, "f")]);
        parser.Append("\"arguments\": {\"city\": \"Os").ShouldBe([new ToolCallEvent.Arguments(0, "{\"city\": \"Os")]);
        parser.Append("lo\"}").ShouldBe([new ToolCallEvent.Arguments(0, "lo\"}")]);
        parser.Append("}").ShouldBe([new ToolCallEvent.Ended(0)]);
        parser.Append("</tool_call>").ShouldBeEmpty();
        parser.Ended.ShouldBe(1);
    }

    [Fact]
    public void Only_what_may_become_a_call_is_held_back()
    {
        var parser = new ToolUse(new ListValue([])).NewParser();
        parser.Append("See <tool").ShouldBe([new ToolCallEvent.Text("See")]);
        parser.Append("box").ShouldBe([new ToolCallEvent.Text(" <toolbox")]);
        parser.Append(" a < b").ShouldBe([new ToolCallEvent.Text(" a < b")]);
    }

    private static string Tell(IReadOnlyList<string> pieces)
    {
        var (parser, told) = (new ToolUse(new ListValue([])).NewParser(), new StringBuilder());
        List<ToolCallEvent> events = [];
        foreach (var piece in pieces)
        {
            events.AddRange(parser.Append(piece));
        }

        foreach (var found in (IEnumerable<ToolCallEvent>)[.. events, .. parser.Finish()])
        {
            told.Append(found switch
            {
                ToolCallEvent.Text text => text.Value,
                ToolCallEvent.Begun begun => $"{begun.Name}(",
                ToolCallEvent.Arguments arguments => arguments.Piece,
                ToolCallEvent.Ended => ")",
                ToolCallEvent.Broken broken => $"!{broken.Rest}",
                _ => throw new InvalidOperationException(),
            });
        }

        return told.ToString();
    }
}
