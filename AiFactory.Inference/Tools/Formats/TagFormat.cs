using System.Globalization;
using System.Text;
using System.Text.Json;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Schemas;

namespace AiFactory.Inference.Tools.Formats;

/// <summary>A call is written in tags, an argument in each (<see cref="TagCallReader"/>).</summary>
internal sealed class TagFormat : CallFormat
{
    public required CallTags Tags { get; init; }

    /// <summary>Behind the call's own end.</summary>
    public string End { get; init; } = "";

    public override CallReader NewReader(string before, IReadOnlyList<ToolFunction> functions) => new TagCallReader(before, Tags, functions);

    protected override void WriteCall(StringBuilder written, ToolUse use, IReadOnlyList<(ToolFunction Function, int Index)> allowed)
    {
        WriteUntil(written, "value", Tags.ValueClose);
        var end = $"{Literal(Tags.End)} {(End.Length == 0 ? "" : $"ws {Literal(End)}")}";
        var calls = allowed.Select(pair =>
        {
            var parameters = WriteParameters(written, pair.Function, pair.Index);
            return $"{Literal(Tags.NameOpen + pair.Function.Name + Tags.NameClose)} ws {parameters} {end}";
        }).ToList();
        Append(written, "call", $"ws ({string.Join(" | ", calls)})");
    }

    /// <summary>In the schema's order, those that are not required or not.</summary>
    private string WriteParameters(StringBuilder written, ToolFunction function, int index)
    {
        var schema = function.Parameters;
        var any = $"({Parameter("[^<>\\n]{1,64}", "value-0")})*";
        if (schema is not { } given)
        {
            return "";
        }

        if (RequestValues.Find(given, "properties") is not { ValueKind: JsonValueKind.Object } properties || RequestValues.Find(given, "$defs") is not null || RequestValues.Find(given, "definitions") is not null)
        {
            return any;
        }

        var required = RequestValues.Find(given, "required") is { ValueKind: JsonValueKind.Array } names ? names.EnumerateArray().Select(RequestValues.Text).ToHashSet() : [];
        var parameters = new List<string>();
        foreach (var property in properties.EnumerateObject())
        {
            var rule = $"call-{index}-p{parameters.Count}";
            var text = Parameter(Literal(property.Name), WriteValue(written, property.Value, rule));
            parameters.Add(required.Contains(property.Name) ? text : $"({text})?");
        }

        return string.Join(' ', parameters);
    }

    /// <returns>The value with the tag that closes it.</returns>
    private string WriteValue(StringBuilder written, JsonElement schema, string rule)
    {
        var types = CallTags.Types(schema);
        if (RequestValues.Find(schema, "enum") is { ValueKind: JsonValueKind.Array } values && types is ["string"])
        {
            Append(written, rule, string.Join(" | ", values.EnumerateArray().Where(value => value.ValueKind == JsonValueKind.String).Select(value => Literal(RequestValues.Text(value) ?? "")).DefaultIfEmpty("[]")));
        }
        else if (types.Contains("string") || types.Count == 0)
        {
            return "value-0";
        }
        else
        {
            try
            {
                written.Append(SchemaGrammar.Write(schema, rule));
            }
            catch (SchemaException)
            {
                Append(written, rule, "any");
            }
        }

        return $"ws {rule} ws {Literal(Tags.ValueClose)}";
    }

    private string Parameter(string key, string value) =>
        $"{Literal(Tags.KeyOpen)} {key} {(Tags.KeyClose.Length == 0 ? "" : $"{Literal(Tags.KeyClose)} ws")} {Literal(Tags.ValueOpen)} {value} ws";

    /// <summary>Any text up to a mark, and the mark. A rule for each beginning of the mark that the text may end with.</summary>
    private static void WriteUntil(StringBuilder written, string rule, string mark)
    {
        for (var length = 0; length < mark.Length; length++)
        {
            var alternatives = new List<string>();
            var continued = new HashSet<char>();
            for (var next = length; next >= 0; next--)
            {
                // With the character that would go on from a shorter beginning, the text ends with that one.
                if (mark.AsSpan(0, length).EndsWith(mark.AsSpan(0, next), StringComparison.Ordinal) && continued.Add(mark[next]))
                {
                    alternatives.Add($"{Literal(mark[next].ToString())} {(next + 1 == mark.Length ? "" : string.Create(CultureInfo.InvariantCulture, $"{rule}-{next + 1}"))}");
                }
            }

            alternatives.Add($"[^{string.Concat(continued)}] {rule}-0");
            Append(written, $"{rule}-{length}", string.Join(" | ", alternatives));
        }
    }
}
