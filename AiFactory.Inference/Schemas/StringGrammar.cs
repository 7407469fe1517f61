using System.Text.Json;

namespace AiFactory.Inference.Schemas;

/// <summary>JSON texts of a length, a pattern or a format.</summary>
internal static class StringGrammar
{
    /// <summary>One character as JSON writes it. No half of a surrogate pair, which most readers refuse; so that each of these is one character of the text.</summary>
    public const string CharacterRule =
        """[^"\\\x7F\x00-\x1F] | "\\" (["\\/bfnrt] | "u" ([0-9a-cA-CefEF] [0-9a-fA-F]{3} | [dD] [0-7] [0-9a-fA-F]{2}))""";

    /// <returns>A sequence, quotation marks included.</returns>
    /// <exception cref="SchemaException"/>
    public static string Write(SchemaShape shape)
    {
        var (least, most) = (shape.Count("minLength", isLeast: true) ?? 0, shape.Count("maxLength", isLeast: false));
        var patterns = shape.All("pattern").Select(pattern => (Text: Text(pattern), pattern.Path)).DistinctBy(pattern => pattern.Text).ToList();
        var formats = shape.All("format").Select(format => (Text: Text(format), format.Path)).DistinctBy(format => format.Text).ToList();
        if (patterns.Count + formats.Count > 1)
        {
            throw new SchemaException(patterns.Concat(formats).Last().Path, "one pattern or one format can be held to, not several together");
        }

        if (patterns is [var (pattern, path)])
        {
            return Bounded(PatternGrammar.Read(pattern, path, isInJson: true, isWhole: false), least, most, path);
        }

        if (formats is [var (format, formatPath)])
        {
            return StringFormats.Find(format) is { } known
                ? Bounded(PatternGrammar.Read(known, formatPath, isInJson: true, isWhole: true), least, most, formatPath)
                : throw new SchemaException(formatPath, $"the format '{format}' cannot be held to: there are {string.Join(", ", StringFormats.Names)}");
        }

        (least, most) = (shape.Repetitions("minLength", isLeast: true) ?? 0, shape.Repetitions("maxLength", isLeast: false));
        return most < least ? "[]"
            : (least, most) is (0, null) ? """ "\"" char* "\"" """.Trim()
            : $"\"\\\"\" char{{{least},{most}}} \"\\\"\"";
    }

    private static string Bounded(PatternText pattern, int least, int? most, string path) => pattern.Least >= least && (most is null || pattern.Most <= most)
        ? $"\"\\\"\" ({pattern.Gbnf}) \"\\\"\""
        : throw new SchemaException(path, "the texts that it allows are not all of the length that minLength and maxLength ask for: say the length in the pattern");

    private static string Text((JsonElement Value, string Path) keyword) =>
        keyword.Value.ValueKind == JsonValueKind.String ? keyword.Value.GetString() ?? "" : throw new SchemaException(keyword.Path, "is a string");
}
