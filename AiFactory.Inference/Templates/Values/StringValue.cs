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
    public int Count => Offsets is { Length: > 0 } offsets ? offsets.Length : Text.Length;

    private int[] Offsets => _offsets ??= FindOffsets(Text);

    public static StringValue FromTemplate(string text) => text.Length == 0 ? Empty : new(text, []);

    public static StringValue FromRequest(string text) => text.Length == 0 ? Empty : new(text, [new TextRange(0, text.Length)]);

    /// <summary>All of it counts as the request's when any of its sources did: for texts whose characters cannot be followed one by one.</summary>
    public static StringValue From(string text, bool hasData) => hasData ? FromRequest(text) : FromTemplate(text);

    /// <summary>By code points.</summary>
    public StringValue Substring(int start, int count) => Slice(Offset(start), Offset(start + count) - Offset(start));

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

        var data = new List<TextRange>();
        foreach (var range in Data)
        {
            var (from, to) = (Math.Max(range.Start, start), Math.Min(range.End, start + length));
            if (from < to)
            {
                data.Add(new TextRange(from - start, to - from));
            }
        }

        return new StringValue(Text.Substring(start, length), data);
    }

    /// <summary>Another text whose characters stand for those of this one, one for one: after a change of case.</summary>
    public StringValue WithText(string text) => text.Length == Text.Length ? new(text, Data) : From(text, Data.Count > 0);

    private int Offset(int codePoint) => Offsets is not { Length: > 0 } offsets ? codePoint : codePoint < offsets.Length ? offsets[codePoint] : Text.Length;

    private static int[] FindOffsets(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            return NoOffsets;
        }

        var offsets = new List<int>(text.Length);
        for (var i = 0; i < text.Length; i += char.IsSurrogatePair(text, i) ? 2 : 1)
        {
            offsets.Add(i);
        }

        return [.. offsets];
    }
}
