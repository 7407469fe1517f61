using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace AiFactory.Builder.Secrets;

/// <summary>
/// A text without its escapes - of JSON (RFC 8259, section 7), of addresses (RFC 3986) and of HTML -, one within the other and in any mix, and where each of its
/// characters stood. It takes time linear to the text. A backslash counts for nothing: whether it is one or escapes one depends on how often the text was escaped.
/// </summary>
internal sealed partial class UnescapedText
{
    /// <summary>What is escaped by one kind again and again is one layer.</summary>
    private const int MostLayers = 8;

    private static readonly Dictionary<string, string> Named = new(StringComparer.Ordinal) { ["amp"] = "&", ["lt"] = "<", ["gt"] = ">", ["quot"] = "\"", ["apos"] = "'" };

    private readonly (int Start, int End)[]? _origins;

    private UnescapedText(string text, (int Start, int End)[]? origins)
    {
        Text = text;
        _origins = origins;
    }

    internal string Text { get; }

    internal static UnescapedText Of(string text)
    {
        var peeled = new UnescapedText(text, null);
        for (var layer = 0; layer < MostLayers; layer++)
        {
            // An escape is longer than what it stands for.
            var next = peeled.Peel();
            if (next.Text.Length == peeled.Text.Length)
            {
                break;
            }

            peeled = next;
        }

        return peeled;
    }

    /// <summary>Where in the text that it is of a part of it stood.</summary>
    internal (int Start, int End) Origin(int start, int length) => _origins is null ? (start, start + length) : (_origins[start].Start, _origins[start + length - 1].End);

    private UnescapedText Peel()
    {
        var (plain, origins) = (new StringBuilder(Text.Length), new List<(int Start, int End)>(Text.Length));
        for (var at = 0; at < Text.Length;)
        {
            var escape = Escape().Match(Text, at);
            for (var end = escape.Success ? escape.Index : Text.Length; at < end; at++)
            {
                plain.Append(Text[at]);
                origins.Add(Origin(at, 1));
            }

            if (escape.Success)
            {
                var (text, length) = Read(escape);
                plain.Append(text);
                origins.AddRange(Enumerable.Repeat(Origin(at, length), text.Length));
                at += length;
            }
        }

        return new UnescapedText(plain.ToString(), [.. origins]);
    }

    private static (string Text, int Length) Read(Match escape) => escape.ValueSpan[0] switch
    {
        '\\' => (escape.Groups["unit"] is { Success: true } unit ? ((char)Hex(unit.ValueSpan)).ToString() : escape.Groups["itself"].Value, escape.Length),
        '%' => ReadBytes(escape),
        _ => (Entity(escape), escape.Length),
    };

    /// <summary>One character of UTF-8, or a byte that is none as it stands.</summary>
    private static (string Text, int Length) ReadBytes(Match escape)
    {
        var captures = escape.Groups["byte"].Captures;
        Span<byte> bytes = stackalloc byte[captures.Count];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)Hex(captures[i].ValueSpan);
        }

        var isCharacter = Rune.DecodeFromUtf8(bytes, out var rune, out var read) == OperationStatus.Done;
        var last = captures[isCharacter ? read - 1 : 0];
        return (isCharacter ? rune.ToString() : $"%{last.Value}", last.Index + last.Length - escape.Index);
    }

    private static string Entity(Match escape)
    {
        if (escape.Groups["named"] is { Success: true } named)
        {
            return Named[named.Value];
        }

        var code = escape.Groups["hex"] is { Success: true } hex ? Hex(hex.ValueSpan) : int.Parse(escape.Groups["decimal"].ValueSpan, CultureInfo.InvariantCulture);
        return Rune.IsValid(code) ? new Rune(code).ToString() : $"&{escape.Groups["entity"].Value}";
    }

    private static int Hex(ReadOnlySpan<char> digits) => int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        """
        \\+(?:u(?<unit>[0-9A-Fa-f]{4})|(?<itself>["'/]))?
        |(?:%(?:25)*(?<byte>[0-9A-Fa-f]{2})){1,4}
        |&(?:amp;|\#0*38;|\#[xX]0*26;)*(?<entity>(?:(?<named>amp|lt|gt|quot|apos)|\#0*(?<decimal>[0-9]{1,7})|\#[xX]0*(?<hex>[0-9A-Fa-f]{1,6}));)
        """,
        RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Escape();
}
