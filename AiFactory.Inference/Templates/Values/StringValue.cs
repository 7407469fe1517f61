namespace AiFactory.Inference.Templates.Values;

/// <summary>
/// A text that knows which of its characters came with the request (<see cref="Data"/>) and which the template wrote. Whatever the template does with
/// it, the knowledge is kept, so that in the end only the template's own characters can be control tokens.
/// </summary>
internal sealed class StringValue : TemplateValue
{
    public static readonly StringValue Empty = new("", []);

    private static readonly int[] NoOffsets = [];

    // The UTF-16 offset of each code point; empty when every code point is one unit.
    private int[]? _offsets;
    private int _count = -1;

    public StringValue(string text, IReadOnlyList<TextRange> data)
    {
        Text = text;
        Data = data;
    }

    public string Text { get; }

    /// <summary>In order, apart from each other, none empty.</summary>
    public IReadOnlyList<TextRange> Data { get; }

    public override string TypeName => "str";

    public override bool IsTruthy => Text.Length > 0;

    /// <summary>Length in code points, as Python counts.</summary>
    public int Count => _count >= 0 ? _count : _count = CountPoints(Text);

    private int[] Offsets => _offsets ??= FindOffsets();

    public static StringValue FromTemplate(string text) => text.Length == 0 ? Empty : new(text, []);

    public static StringValue FromRequest(string text) => text.Length == 0 ? Empty : new(text, [new TextRange(0, text.Length)]);

    /// <summary>All of it counts as the request's when any of its sources did: for texts whose characters cannot be followed one by one.</summary>
    public static StringValue From(string text, bool hasData) => hasData ? FromRequest(text) : FromTemplate(text);

    public static int CountPoints(ReadOnlySpan<char> text)
    {
        var count = text.Length;
        for (var i = text.IndexOfAnyInRange('\uD800', '\uDBFF'); i >= 0 && i + 1 < text.Length; i++)
        {
            count -= char.IsSurrogatePair(text[i], text[i + 1]) ? 1 : 0;
        }

        return count;
    }

    /// <summary>With a text of the template's behind it.</summary>
    public StringValue WithEnding(string text) => text.Length == 0 ? this : new(Text + text, Data);

    /// <summary>By code points.</summary>
    public StringValue Substring(int start, int count) => start == 0 && count == Count ? this : Slice(Offset(start), Offset(start + count) - Offset(start));

    /// <summary>By UTF-16 units.</summary>
    public StringValue Slice(int start, int length)
    {
        if (length <= 0)
        {
            return Empty;
        }

        if (length == Text.Length)
        {
            return this;
        }

        var (part, end, i) = (Text.Substring(start, length), start + length, FirstDataBehind(start));
        if (i == Data.Count || Data[i].Start >= end)
        {
            return FromTemplate(part);
        }

        var data = new List<TextRange>();
        for (; i < Data.Count && Data[i].Start < end; i++)
        {
            var (from, to) = (Math.Max(Data[i].Start, start), Math.Min(Data[i].End, end));
            data.Add(new TextRange(from - start, to - from));
        }

        return new StringValue(part, data);
    }

    /// <summary>Whether any of the characters came with the request; in UTF-16 units.</summary>
    public bool HasData(TextRange characters) => FirstDataBehind(characters.Start) is var next && next < Data.Count && Data[next].Start < characters.End;

    /// <summary>The place among <see cref="Data"/> of the first range that ends behind a character; their number when there is none.</summary>
    private int FirstDataBehind(int position)
    {
        var (low, high) = (0, Data.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = Data[middle].End <= position ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>Another text whose characters stand for those of this one, one for one: after a change of case.</summary>
    public StringValue WithText(string text) => text.Length == Text.Length ? new(text, Data) : From(text, Data.Count > 0);

    private int Offset(int codePoint) => Offsets is not { Length: > 0 } offsets ? codePoint : codePoint < offsets.Length ? offsets[codePoint] : Text.Length;

    private int[] FindOffsets()
    {
        if (Count == Text.Length)
        {
            return NoOffsets;
        }

        var (offsets, next) = (new int[Count], 0);
        for (var i = 0; i < Text.Length; i += char.IsSurrogatePair(Text, i) ? 2 : 1)
        {
            offsets[next++] = i;
        }

        return offsets;
    }
}
