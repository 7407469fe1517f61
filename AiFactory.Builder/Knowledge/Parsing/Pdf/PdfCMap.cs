using System.Text;

namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

/// <summary>
/// A character map (Adobe Technical Note 5014), of a font's codes to Unicode or to glyphs:
/// <code>
/// 1 begincodespacerange &lt;0000> &lt;FFFF> endcodespacerange
/// 2 beginbfrange &lt;0003> &lt;0005> &lt;0020> &lt;0010> &lt;0011> [&lt;00660069> &lt;0041>] endbfrange
/// 1 beginbfchar &lt;0057> &lt;D83DDE00> endbfchar
/// 1 begincidrange &lt;20> &lt;7E> 1 endcidrange
/// </code>
/// </summary>
internal sealed class PdfCMap(PdfBudget budget)
{
    private readonly Dictionary<uint, string> _characters = [];
    private readonly List<(uint First, uint Last, byte[] Text)> _characterRanges = [];
    private readonly Dictionary<uint, int> _glyphs = [];
    private readonly List<(uint First, uint Last, int Glyph)> _glyphRanges = [];
    private readonly List<(int Length, uint First, uint Last)> _codes = [];

    internal static PdfCMap Parse(ReadOnlyMemory<byte> data, PdfBudget budget)
    {
        var map = new PdfCMap(budget);
        var reader = new PdfReader(data, references: false);
        while (reader.Read() is { } token)
        {
            budget.CancellationToken.ThrowIfCancellationRequested();
            if (token is PdfObject.Keyword { Value: var keyword })
            {
                map.ReadSection(reader, keyword);
            }
        }

        return map;
    }

    /// <summary>How many bytes the code at the beginning has: as the code space says, else <paramref name="absent"/>.</summary>
    internal int CodeLength(ReadOnlySpan<byte> bytes, int absent)
    {
        uint code = 0;
        for (var length = 1; length <= Math.Min(4, bytes.Length); length++)
        {
            code = (code << 8) | bytes[length - 1];
            foreach (var space in _codes)
            {
                if (space.Length == length && InSpace(code, space.First, space.Last, length))
                {
                    return length;
                }
            }
        }

        return _codes.Count > 0 ? _codes.Min(space => space.Length) : absent;
    }

    internal string? Character(uint code)
    {
        if (_characters.TryGetValue(code, out var known))
        {
            return known;
        }

        foreach (var range in _characterRanges)
        {
            if (code >= range.First && code <= range.Last)
            {
                return Shifted(range.Text, code - range.First);
            }
        }

        return null;
    }

    internal int? Glyph(uint code)
    {
        if (_glyphs.TryGetValue(code, out var known))
        {
            return known;
        }

        foreach (var range in _glyphRanges)
        {
            if (code >= range.First && code <= range.Last)
            {
                return range.Glyph + (int)(code - range.First);
            }
        }

        return null;
    }

    private void ReadSection(PdfReader reader, string keyword)
    {
        switch (keyword)
        {
            case "begincodespacerange":
                while (reader.Read() is PdfObject.Text { Bytes.Length: <= 4 } first && reader.Read() is PdfObject.Text last)
                {
                    budget.TakeEntries(1);
                    _codes.Add((first.Bytes.Length, Code(first), Code(last)));
                }

                break;
            case "beginbfchar":
                while (reader.Read() is PdfObject.Text code && reader.Read() is { } target)
                {
                    Add(Code(code), target);
                }

                break;
            case "beginbfrange":
                while (reader.Read() is PdfObject.Text first && reader.Read() is PdfObject.Text last && reader.Read() is { } target)
                {
                    AddRange(Code(first), Code(last), target);
                }

                break;
            case "begincidchar":
                while (reader.Read() is PdfObject.Text code && reader.Read() is PdfObject.Number glyph)
                {
                    budget.TakeEntries(1);
                    _glyphs[Code(code)] = (int)glyph.Value;
                }

                break;
            case "begincidrange":
                while (reader.Read() is PdfObject.Text first && reader.Read() is PdfObject.Text last && reader.Read() is PdfObject.Number glyph)
                {
                    budget.TakeEntries(1);
                    _glyphRanges.Add((Code(first), Code(last), (int)glyph.Value));
                }

                break;
        }
    }

    private void Add(uint code, PdfObject target)
    {
        budget.TakeEntries(2);
        if (target is PdfObject.Text text)
        {
            budget.Take(text.Bytes.Length);
            _characters[code] = Unicode(text.Bytes);
        }
        else if (target is PdfObject.Name name && PdfGlyphs.Find(name.Value) is { } character)
        {
            _characters[code] = character;
        }
    }

    private void AddRange(uint first, uint last, PdfObject target)
    {
        switch (target)
        {
            case PdfObject.Text text:
                budget.TakeEntries(1);
                budget.Take(text.Bytes.Length);
                _characterRanges.Add((first, last, text.Bytes));
                break;
            case PdfObject.Array array:
                for (var i = 0; i < array.Items.Count && first + i <= last; i++)
                {
                    Add(first + (uint)i, array.Items[i]);
                }

                break;
        }
    }

    private static uint Code(PdfObject.Text text)
    {
        uint code = 0;
        foreach (var b in text.Bytes.AsSpan(0, Math.Min(4, text.Bytes.Length)))
        {
            code = (code << 8) | b;
        }

        return code;
    }

    /// <summary>Each byte must lie between those of the two ends.</summary>
    private static bool InSpace(uint code, uint first, uint last, int length)
    {
        for (var i = 0; i < length; i++)
        {
            var shift = 8 * i;
            var b = (code >> shift) & 0xFF;
            if (b < ((first >> shift) & 0xFF) || b > ((last >> shift) & 0xFF))
            {
                return false;
            }
        }

        return true;
    }

    private static string Shifted(byte[] text, uint by)
    {
        if (by == 0 || text.Length == 0)
        {
            return Unicode(text);
        }

        var shifted = (byte[])text.Clone();
        for (var i = shifted.Length - 1; i >= 0 && by > 0; i--)
        {
            by += shifted[i];
            shifted[i] = (byte)by;
            by >>= 8;
        }

        return Unicode(shifted);
    }

    /// <summary>UTF-16, big-endian; one byte alone is a character too.</summary>
    private static string Unicode(byte[] bytes) => bytes.Length == 1 ? ((char)bytes[0]).ToString() : Encoding.BigEndianUnicode.GetString(bytes);
}
