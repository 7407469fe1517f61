using System.Globalization;
using System.Text;
using System.Text.Json;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Schemas;

namespace AiFactory.Inference.Tools.Formats;

/// <summary>A call is written in tags, an argument in each (<see cref="TagCallReader"/>).</summary>
internal sealed class TagFormat : CallFormat
{
    private const string AnyText = "value-0";
    private const string InTags = "cannot be held to by this model, which writes arguments in tags: texts there are of any kind, or one of a list of values, and nothing is referred to";

    private static readonly HashSet<string> OfArguments = ["type", "properties", "required", "additionalProperties", "title", "description", "$schema", "$id", "$comment"];

    public required CallTags Tags { get; init; }

    /// <summary>Behind the call's own end.</summary>
    public string End { get; init; } = "";

    public override CallReader NewReader(string before, IReadOnlyList<ToolFunction> functions) => new TagCallReader(before, Tags, functions);

    public override string NoParameters => "\"\"";

    public override string AnyParameters => $"({Parameter("[^<>\\n]{1,64}", AnyText)})*";

    protected override void WriteCall(StringBuilder written, ToolUse use, IReadOnlyList<(ToolFunction Function, int Index)> allowed)
    {
        WriteUntil(written, "value", Tags.ValueClose);
        var end = $"{Literal(Tags.End)} {(End.Length == 0 ? "" : $"ws {Literal(End)}")}";
        var calls = allowed.Select(pair => $"{Literal(Tags.NameOpen + pair.Function.Name + Tags.NameClose)} ws call-{pair.Index} {end}");
        Append(written, "call", $"ws ({string.Join(" | ", calls)})");
    }

    /// <summary>In the schema's order, those that are not required or not. A value that is a text has no grammar between its tags, so a strict function's texts have no more to meet than a type or a list of values.</summary>
    public override void WriteParameters(StringBuilder written, ToolFunction function, JsonElement schema, string rule, SchemaWork work)
    {
        if (function.IsStrict && schema.EnumerateObject().FirstOrDefault(member => !OfArguments.Contains(member.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } other)
        {
            throw Inexpressible("#", other.Name);
        }

        var required = RequestValues.Find(schema, "required") is { ValueKind: JsonValueKind.Array } names ? names.EnumerateArray().Select(RequestValues.Text).ToHashSet() : [];
        var properties = RequestValues.Find(schema, "properties") is { ValueKind: JsonValueKind.Object } given ? given.EnumerateObject().ToList() : [];
        if (function.IsStrict && required.FirstOrDefault(name => !properties.Exists(property => property.Name == name)) is { } missing)
        {
            throw new SchemaException("#/required", $"'{missing}' is not among the properties");
        }

        if (properties.Count == 0 && RequestValues.Find(schema, "additionalProperties") is not { ValueKind: JsonValueKind.False })
        {
            Append(written, rule, AnyParameters);
            return;
        }

        var parameters = new List<string>();
        foreach (var property in properties)
        {
            work.Spend(1, "#/properties");
            var value = new TagValue(property.Value, SchemaSource.Append("#/properties", property.Name), schema, Tags);
            var text = Parameter(Literal(property.Name), WriteValue(written, value, $"{rule}-p{parameters.Count}", function.IsStrict, work));
            parameters.Add(required.Contains(property.Name) ? text : $"({text})?");
        }

        Append(written, rule, parameters.Count == 0 ? NoParameters : string.Join(' ', parameters));
    }

    /// <returns>The value with the tag that closes it.</returns>
    private string WriteValue(StringBuilder written, TagValue value, string rule, bool isStrict, SchemaWork work)
    {
        if (value.Texts is { } texts)
        {
            // As the reader has it: a line break on each side is the tags'.
            Append(written, rule, string.Join(" | ", texts.Select(Literal)));
            return $"\"\\n\"? {rule} \"\\n\"? {Literal(Tags.ValueClose)}";
        }

        if (value.IsText)
        {
            return !isStrict || value.IsAnyText ? AnyText : throw new SchemaException(value.Path, InTags);
        }

        try
        {
            written.Append(value.HasReference ? throw new SchemaException(value.Path, InTags) : SchemaGrammar.Write(value.Schema, rule, work));
        }
        catch (SchemaException fault) when (isStrict)
        {
            throw fault.Path.StartsWith('#') && !value.HasReference ? new SchemaException(value.Path + fault.Path[1..], fault.Fault) : fault;
        }
        catch (SchemaException)
        {
            Append(written, rule, "any");
        }

        return $"ws {rule} ws {Literal(Tags.ValueClose)}";
    }

    private static SchemaException Inexpressible(string path, string keyword) => new(SchemaSource.Append(path, keyword), InTags);

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
