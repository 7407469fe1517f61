namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

/// <summary>What a font's codes mean and how wide their glyphs are. How the glyphs look is not read.</summary>
internal sealed class PdfFont
{
    /// <summary>What a font takes in memory at the least, about.</summary>
    private const int Bytes = 4096;

    private readonly PdfCMap? _unicode;
    private readonly PdfCMap? _encoding;
    private readonly bool _composite;
    private readonly bool _codesAreUnicode;
    private readonly string?[] _simple = new string?[256];
    private readonly Dictionary<int, double> _widths = [];
    private readonly List<(int First, int Last, double Width)> _widthRanges = [];
    private readonly double _defaultWidth;
    private readonly double _scale = 0.001;

    internal PdfFont(PdfObject.Dictionary font, PdfFile file)
    {
        file.Budget.Take(Bytes);
        var entries = font.Entries;
        var subtype = file.Name(entries.GetValueOrDefault("Subtype"));
        _composite = subtype == "Type0";
        _unicode = Map(entries.GetValueOrDefault("ToUnicode"), file);
        if (_composite)
        {
            _encoding = Map(entries.GetValueOrDefault("Encoding"), file);
            _codesAreUnicode = file.Name(entries.GetValueOrDefault("Encoding")) is { } name && (name.Contains("UCS2", StringComparison.Ordinal) || name.Contains("UTF16", StringComparison.Ordinal));
            var descendant = file.Dictionary(file.Array(entries.GetValueOrDefault("DescendantFonts")) is [var only, ..] ? only : null);
            _defaultWidth = file.Number(descendant.Entries.GetValueOrDefault("DW")) ?? 1000;
            ReadGlyphWidths(file.Array(descendant.Entries.GetValueOrDefault("W")), file);
            return;
        }

        // The widths of a Type 3 font are in its own units.
        if (subtype == "Type3" && file.Array(entries.GetValueOrDefault("FontMatrix")) is { Count: 6 } matrix)
        {
            _scale = Math.Abs(file.Number(matrix[0]) ?? _scale);
        }

        ReadEncoding(entries.GetValueOrDefault("Encoding"), file);
        var widths = file.Array(entries.GetValueOrDefault("Widths"));
        var first = (int)(file.Number(entries.GetValueOrDefault("FirstChar")) ?? 0);
        for (var i = 0; i < Math.Min(widths.Count, 256); i++)
        {
            _widths[first + i] = file.Number(widths[i]) ?? 0;
        }

        var descriptor = file.Dictionary(entries.GetValueOrDefault("FontDescriptor"));
        _defaultWidth = file.Number(descriptor.Entries.GetValueOrDefault("MissingWidth")) ?? 0;
    }

    /// <summary>Splits a shown string into its codes.</summary>
    internal IEnumerable<PdfGlyph> Glyphs(byte[] bytes)
    {
        var at = 0;
        while (at < bytes.Length)
        {
            var length = !_composite ? 1 : _codesAreUnicode ? 2 : (_encoding ?? _unicode)?.CodeLength(bytes.AsSpan(at), 2) ?? 2;
            // Identity maps have two bytes, whatever the code space of the map to Unicode says.
            length = _composite && _encoding is null ? 2 : length;
            length = Math.Min(length, bytes.Length - at);
            uint code = 0;
            for (var i = 0; i < length; i++)
            {
                code = (code << 8) | bytes[at + i];
            }

            at += length;
            yield return new PdfGlyph(Character(code), Width(code) * _scale, length == 1 && code == ' ');
        }
    }

    private string? Character(uint code)
    {
        var mapped = _unicode?.Character(code);
        if (mapped is { Length: > 0 } && mapped[0] != '\0')
        {
            return mapped;
        }

        if (!_composite)
        {
            return code < 256 ? _simple[code] : null;
        }

        return _codesAreUnicode ? ((char)code).ToString() : null;
    }

    private double Width(uint code)
    {
        var glyph = _composite ? _encoding?.Glyph(code) ?? (int)code : (int)code;
        if (_widths.TryGetValue(glyph, out var width))
        {
            return width;
        }

        foreach (var range in _widthRanges)
        {
            if (glyph >= range.First && glyph <= range.Last)
            {
                return range.Width;
            }
        }

        // The fourteen standard fonts come without widths.
        return _widths.Count > 0 || _composite ? _defaultWidth : Guess(_simple[code & 0xFF]);
    }

    private static double Guess(string? character) => character is [var c, ..]
        ? c switch
        {
            'i' or 'j' or 'l' or 't' or 'f' or 'I' or '.' or ',' or ':' or ';' or '\'' or '!' or '|' or ' ' => 278,
            'm' or 'w' or 'M' or 'W' or '@' or '%' => 850,
            >= 'A' and <= 'Z' => 680,
            _ => 540,
        }
        : 500;

    private void ReadEncoding(PdfObject? value, PdfFile file)
    {
        var dictionary = file.Dictionary(value);
        var table = PdfEncodings.Find(file.Name(value) ?? file.Name(dictionary.Entries.GetValueOrDefault("BaseEncoding")));
        for (var code = 0; code < 256; code++)
        {
            _simple[code] = table[code] switch
            {
                '\0' => null,
                '\uFB01' => "fi",
                '\uFB02' => "fl",
                var character => character.ToString(),
            };
        }

        var next = 0;
        foreach (var item in file.Array(dictionary.Entries.GetValueOrDefault("Differences")))
        {
            switch (file.Resolve(item))
            {
                case PdfObject.Number number:
                    next = (int)number.Value;
                    break;
                case PdfObject.Name name when next is >= 0 and < 256:
                    _simple[next++] = PdfGlyphs.Find(name.Value);
                    break;
            }
        }
    }

    /// <summary><c>[ 120 [400 325 500] 7080 8032 1000 ]</c>: from 120 on each its own, then a range of one width.</summary>
    private void ReadGlyphWidths(IReadOnlyList<PdfObject> items, PdfFile file)
    {
        for (var i = 0; i + 1 < items.Count;)
        {
            file.Budget.TakeEntries(1);
            var first = (int)(file.Number(items[i]) ?? 0);
            if (file.Resolve(items[i + 1]) is PdfObject.Array each)
            {
                file.Budget.TakeEntries(each.Items.Count);
                for (var k = 0; k < each.Items.Count; k++)
                {
                    _widths[first + k] = file.Number(each.Items[k]) ?? 0;
                }

                i += 2;
            }
            else
            {
                var last = (int)(file.Number(items[i + 1]) ?? 0);
                _widthRanges.Add((first, last, i + 2 < items.Count ? file.Number(items[i + 2]) ?? 0 : 0));
                i += 3;
            }
        }
    }

    private static PdfCMap? Map(PdfObject? value, PdfFile file) =>
        file.Resolve(value) is PdfObject.Stream stream ? PdfCMap.Parse(file.Decode(stream), file.Budget) : null;
}
