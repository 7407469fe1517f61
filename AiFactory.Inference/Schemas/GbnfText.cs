using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using AiFactory.Inference.Grammars;

namespace AiFactory.Inference.Schemas;

/// <summary>Writes texts and classes of characters as GBNF has them.</summary>
internal static class GbnfText
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A text in quotation marks.</summary>
    public static string Literal(string text)
    {
        var written = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            written.Append(rune.Value switch { '"' => "\\\"", '\\' => "\\\\", _ => Character(rune.Value) });
        }

        return written.Append('"').ToString();
    }

    /// <summary>A JSON value as it is written without blanks.</summary>
    public static string Json(JsonElement value) => Literal(JsonSerializer.Serialize(value, Compact));

    /// <summary>A JSON text, quotation marks and escapes included.</summary>
    public static string Json(string value) => Literal(JsonSerializer.Serialize(value, Compact));

    public static string Class(CharacterClass characters)
    {
        var written = new StringBuilder("[");
        foreach (var (from, to) in characters.Ranges)
        {
            foreach (var (begin, end) in WithoutSurrogates(from, to))
            {
                written.Append(InClass(begin));
                if (end > begin)
                {
                    written.Append('-').Append(InClass(end));
                }
            }
        }

        return written.Append(']').ToString();
    }

    private static IEnumerable<(int Begin, int End)> WithoutSurrogates(int from, int to)
    {
        if (from < 0xD800)
        {
            yield return (from, Math.Min(to, 0xD7FF));
        }

        if (to > 0xDFFF)
        {
            yield return (Math.Max(from, 0xE000), to);
        }
    }

    private static string InClass(int character) => character switch
    {
        '[' or ']' or '\\' or '-' => $"\\{(char)character}",
        '^' => "\\x5E",
        _ => Character(character),
    };

    private static string Character(int character) => character is >= ' ' and < 0x7F
        ? ((char)character).ToString()
        : string.Create(CultureInfo.InvariantCulture, $"\\U{character:X8}");
}
