using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiFactory.Inference.Engine.Sampling;
using AiFactory.Inference.Templates;
using AiFactory.Inference.Templates.Values;
using AiFactory.Inference.Tests.Templates;
using AiFactory.Inference.Tools;
using AiFactory.Inference.Tools.Formats;

namespace AiFactory.Inference.Tests.Tools;

/// <summary>A call that a family's own template writes is read back, however it is cut, and is one that its grammar allows.</summary>
public sealed class FamilyCallTests
{
    private const string Parameters = """{"type":"object","properties":{"city":{"type":"string","description":"Its name"},"days":{"type":"integer","description":"How many"}},"required":["city"]}""";
    private const string Arguments = """{"city":"Oslo, 2 <b>","days":3}""";
    private const string User = """{"role":"user","content":"Rain?"}""";
    private const string Rest = "\"bos_token\":\"<s>\",\"eos_token\":\"</s>\"";

    private static readonly VocabularyTrie Bytes = new([.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value })]);

    private static readonly ToolFunction[] Functions = [new("get_weather", JsonDocument.Parse(Parameters).RootElement, IsStrict: true)];

    [Fact]
    public async Task What_a_template_writes_is_read_and_allowed()
    {
        var (done, wrong) = (new List<string>(), new List<string>());
        var names = typeof(CallFormats).GetFields().Where(field => field.FieldType == typeof(CallFormat)).ToDictionary(field => (CallFormat)field.GetValue(null).ShouldNotBeNull(), field => field.Name);
        foreach (var (name, template) in await HuggingFaceJinja.KnownTemplatesAsync())
        {
            if (CallFormats.Find(template) is not { } format || !TakesTools(template) || Render(template, format) is not { } written)
            {
                continue;
            }

            var use = new ToolUse(new ListValue([])) { Functions = Functions, Format = format };
            if ((Faults(use, written) ?? Refused(use, written)) is { } fault)
            {
                wrong.Add($"{name}: {fault}\n{written}\n");
                continue;
            }

            done.Add($"{names[format]}: {name}");
        }

        wrong.ShouldBeEmpty();

        // Each way has a family that writes it.
        done.ConvertAll(entry => entry[..entry.IndexOf(':')]).Distinct().Order(StringComparer.Ordinal).ShouldBe(names.Values.Order(StringComparer.Ordinal), string.Join("\n", done));
        done.Count.ShouldBeGreaterThan(25, string.Join("\n", done));
    }

    private static bool TakesTools(string template)
    {
        try
        {
            return Template.Parse(template).Uses("tools");
        }
        catch (TemplateException)
        {
            return false;
        }
    }

    private static string? Render(string template, CallFormat format)
    {
        var id = new ToolUse(new ListValue([])) { Format = format }.ToCallId($"call_{Guid.CreateVersion7():N}");
        var tool = $$$"""{"type":"function","function":{"name":"get_weather","description":"Tells it.","parameters":{{{Parameters}}}}}""";
        var call = $$$"""{"role":"assistant","content":"","tool_calls":[{"id":"{{{id}}}","type":"function","function":{"name":"get_weather","arguments":{{{Arguments}}}}}]}""";
        var before = Rendering.Text(template, $$"""{"messages":[{{User}}],"tools":[{{tool}}],"add_generation_prompt":true,{{Rest}}}""");
        var after = Rendering.Text(template, $$"""{"messages":[{{User}},{{call}}],"tools":[{{tool}}],"add_generation_prompt":false,{{Rest}}}""");
        var common = before.Zip(after).TakeWhile(pair => pair.First == pair.Second).Count();

        // What a mark begins with may be what the prompt goes on with when an answer is asked for.
        foreach (var mark in (string[])[format.Outer, format.Begin])
        {
            var begin = mark.Length == 0 ? -1 : after.IndexOf(mark, Math.Max(0, common - mark.Length), StringComparison.Ordinal);
            common = begin >= 0 ? Math.Min(common, begin) : common;
        }

        // Some show no calls of the assistant, or not of this form.
        return after.StartsWith('(') || !after[common..].Contains("get_weather", StringComparison.Ordinal) ? null : after[common..];
    }

    private static string? Faults(ToolUse use, string written)
    {
        var whole = Read(use, [written]);
        var random = new Random(3);
        for (var run = 0; run < 40; run++)
        {
            var cuts = Enumerable.Range(0, run == 0 ? 0 : 5).Select(_ => random.Next(written.Length + 1)).Append(0).Append(written.Length).Order().ToList();
            var pieces = run == 0 ? written.Select(character => character.ToString()) : cuts.Zip(cuts.Skip(1)).Select(pair => written[pair.First..pair.Second]);
            if (Read(use, pieces) != whole)
            {
                return $"cut: {Read(use, pieces)}, whole: {whole}";
            }
        }

        return whole == $"get_weather({JsonNode.Parse(Arguments)!.ToJsonString()})" ? null : whole;
    }

    private static string Read(ToolUse use, IEnumerable<string> pieces)
    {
        var parser = use.NewParser();
        var (told, arguments) = ("", new StringBuilder());
        foreach (var found in pieces.SelectMany(piece => parser.Append(piece)).Concat(parser.Finish()))
        {
            switch (found)
            {
                case ToolCallEvent.Begun begun:
                    told += begun.Name;
                    break;
                case ToolCallEvent.Arguments more:
                    arguments.Append(more.Piece);
                    break;
                case ToolCallEvent.Ended:
                    told += $"({JsonNode.Parse(arguments.ToString())!.ToJsonString()})";
                    arguments.Clear();
                    break;
                case ToolCallEvent.Broken broken:
                    told += $"!{broken.Raw}";
                    break;
            }
        }

        return told;
    }

    private static string? Refused(ToolUse use, string written)
    {
        var rules = AnswerRules.None;
        if (new CallGrammars().Hold(use, null, "", CancellationToken.None, ref rules) is { } refusal)
        {
            return refusal.Body.Message;
        }

        var constraint = new CallConstraint(rules.Calls.ShouldNotBeNull(), Bytes, _ => false);
        var start = use.Format is { IsBare: true } ? written.IndexOf('{') : 0;
        var said = new StringBuilder();
        var held = false;
        foreach (var next in Encoding.UTF8.GetBytes(written[start..]))
        {
            if (!constraint.Allows(next))
            {
                return $"not allowed: {(char)next} behind {said}";
            }

            constraint.Accept(next);
            held |= !constraint.MayEnd;
            said.Append((char)next);
        }

        return !held ? "no mark was found" : constraint.MayEnd ? null : "the call has not ended";
    }
}
