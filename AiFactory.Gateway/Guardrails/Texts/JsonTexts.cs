using System.Text.Json;

namespace AiFactory.Gateway.Guardrails.Texts;

/// <summary>
/// Finds the texts of a document without building it, and what else rules ask of a request.
/// <code>{"model":"demo-chat","max_tokens":64,"messages":[{"role":"system","content":"Be kind."},{"role":"user","content":[{"type":"text","text":"Hi"}]}]}</code>
/// </summary>
internal sealed class JsonTexts
{
    /// <summary>As <see cref="OpenAI.RequestHead"/> has it; answers of flows nest deeper than any text lies.</summary>
    private const int MaximumDepth = 256;

    /// <summary>Digits of a number that is looked at as a text.</summary>
    private const int ShortestNumber = 9;
    private const int LongestNumber = 20;

    /// <summary>Texts of one document: a body of millions of letters would take a gateway's memory for where they stand.</summary>
    public const int MostPlaces = 128 * 1024;

    /// <summary>Where it is no member that a text stands in.</summary>
    private const string Whole = "body";

    private readonly TextShape _shape;
    private int _groups;

    private JsonTexts(TextShape shape) => _shape = shape;

    public List<TextPlace> Places { get; } = [];

    public bool HasAuthor => _shape.HasAuthor;

    /// <summary>Values that repeat texts as tokens, each with whether it is a list.</summary>
    public List<(int At, int Length, bool IsList)> Repeated { get; } = [];

    /// <summary>Elements of <c>messages</c>, or of <c>input</c> where these are messages.</summary>
    public int Messages { get; private set; }

    /// <summary>What it says of the length of its answer.</summary>
    public AskedLength Length { get; } = new();

    /// <summary>Whether a prompt is numbers in place of words.</summary>
    public bool HasTokenIds { get; private set; }

    /// <summary>A member of which nobody can tell what a model gets by it; null where there is none.</summary>
    public string? Unreadable { get; private set; }

    /// <exception cref="JsonException">It is no JSON, or has too many texts.</exception>
    public static JsonTexts Read(ReadOnlySpan<byte> json, TextShape shape)
    {
        var texts = new JsonTexts(shape);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaximumDepth });
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            texts.Length.FirstMember = (int)reader.BytesConsumed;
            texts.ReadMembers(ref reader);
        }
        else
        {
            texts.Take(ref reader, Whole, TextKind.Text, mayBeTokens: false);
        }

        // Anything behind it but white space is refused by the reader.
        while (reader.Read())
        {
        }

        return texts;
    }

    private void ReadMembers(ref Utf8JsonReader reader)
    {
        Span<char> buffer = stackalloc char[MemberName.LongestRaw];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = MemberName.Read(reader.ValueSpan, buffer);
            var (isRoot, isExact) = (_shape.IsRoot(name), MemberName.IsExact(reader.ValueSpan, name));
            if (isRoot)
            {
                AddName(reader, Whole, -1);
            }

            reader.Read();
            Length.Read(reader, name, isExact);
            var kind = _shape.KindOf(name);
            if (isRoot && kind != TextKind.None)
            {
                Take(ref reader, name.ToString(), kind, _shape.MayBeTokenIds(name));
            }
            else
            {
                SkipValue(ref reader, kind == TextKind.Tokens);
            }
        }
    }

    /// <summary>All of one member's value.</summary>
    private void Take(ref Utf8JsonReader reader, string root, TextKind kind, bool mayBeTokens)
    {
        var depth = reader.CurrentDepth;
        var isList = reader.TokenType == JsonTokenType.StartArray;
        var walk = new TextWalk(root, isList);
        if (reader.TokenType == JsonTokenType.Number || !Begin(ref reader, root, kind, ref walk))
        {
            // A number there is a parameter.
            return;
        }

        Span<char> buffer = stackalloc char[MemberName.LongestRaw];
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            var isElement = isList && reader.CurrentDepth == depth + 1;
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    var name = MemberName.Read(reader.ValueSpan, buffer);
                    if (isList && reader.CurrentDepth == depth + 2 && name is "role")
                    {
                        walk.ReadRole(reader);
                    }

                    AddName(reader, root, walk.Element);
                    walk.IsData = _shape.IsTensors && name is "data";
                    reader.Read();
                    Length.ReadTensor(reader, name, _shape.IsTensors && root is "parameters" or "inputs");
                    Begin(ref reader, name, _shape.KindOf(name), ref walk);
                    break;
                case JsonTokenType.String:
                    walk.Element += isElement ? 1 : 0;
                    Add(reader, walk.KindAt(reader.CurrentDepth), in walk);
                    break;
                case JsonTokenType.Number:
                    HasTokenIds |= mayBeTokens && isList && reader.CurrentDepth <= depth + 2;
                    TakeNumber(reader, ref walk);
                    break;
                case JsonTokenType.StartObject when isElement:
                    walk.BeginElement(Places.Count);
                    Messages += root is "messages" or "input" ? 1 : 0;
                    break;
                case JsonTokenType.EndObject when isElement:
                    Length.EndTensor();
                    Trust(in walk);
                    break;
                case JsonTokenType.EndArray:
                    walk.EndList(reader.CurrentDepth);
                    break;
            }
        }
    }

    /// <summary>A member's value: a string is looked at, a list or an object entered.</summary>
    /// <returns>Whether there is something to enter.</returns>
    private bool Begin(ref Utf8JsonReader reader, scoped ReadOnlySpan<char> name, TextKind kind, ref TextWalk walk)
    {
        if (kind is TextKind.Tokens or TextKind.None)
        {
            SkipValue(ref reader, kind == TextKind.Tokens);
            return false;
        }

        if (kind == TextKind.Unreadable && reader.TokenType is not (JsonTokenType.Null or JsonTokenType.False))
        {
            Unreadable ??= name.ToString();
        }

        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                Add(reader, kind, in walk);
                return false;
            case JsonTokenType.Number:
                TakeNumber(reader, ref walk);
                return false;
            case JsonTokenType.StartArray:
                walk.BeginList(reader.CurrentDepth, kind, kind == TextKind.Parts && walk.Group == 0 ? ++_groups : 0);
                return true;
            default:
                return reader.TokenType == JsonTokenType.StartObject;
        }
    }

    private void Add(in Utf8JsonReader reader, TextKind kind, in TextWalk walk)
    {
        var raw = reader.ValueSpan;
        if (raw.IsEmpty || PlainMarks.IsPlain(kind, raw))
        {
            return;
        }

        Add(new TextPlace(
            (int)reader.TokenStartIndex, raw.Length + 2, walk.Root, walk.Element, kind is TextKind.Text or TextKind.Parts ? walk.Group : 0, kind == TextKind.Json ? kind : TextKind.Text));
    }

    private void Add(TextPlace place)
    {
        if (Places.Count == MostPlaces)
        {
            throw new TooManyTextsException();
        }

        Places.Add(place);
    }

    /// <summary>Templates write whole objects into prompts, names and all.</summary>
    private void AddName(in Utf8JsonReader reader, string root, int element)
    {
        if (!PlainMarks.IsMark(reader.ValueSpan))
        {
            Add(new TextPlace((int)reader.TokenStartIndex, reader.ValueSpan.Length + 2, root, element));
        }
    }

    private void TakeNumber(in Utf8JsonReader reader, ref TextWalk walk)
    {
        // More than one: a single number is a parameter.
        HasTokenIds |= walk.IsData && ++walk.Numbers > 1;
        if (_shape.HasNumbers && reader.ValueSpan.Length >= ShortestNumber && IsLong(reader.ValueSpan))
        {
            Add(new TextPlace((int)reader.TokenStartIndex, reader.ValueSpan.Length, walk.Root, walk.Element, Kind: TextKind.Number));
        }
    }

    /// <summary>A sign, and a point with nothing but zeros behind it, make no other number of one that is somebody's. True fractions are measurements.</summary>
    private static bool IsLong(ReadOnlySpan<byte> number)
    {
        number = number[0] == '-' ? number[1..] : number;
        var digits = number.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        digits = digits < 0 ? number.Length : digits;
        var isWhole = digits == number.Length || (number[digits] == '.' && !number[(digits + 1)..].ContainsAnyExcept((byte)'0'));
        return isWhole && digits is >= ShortestNumber and <= LongestNumber;
    }

    /// <summary>The role of a message may stand behind its texts.</summary>
    private void Trust(in TextWalk walk)
    {
        for (var i = walk.FirstPlace; walk.IsTrusted && i < Places.Count; i++)
        {
            Places[i] = Places[i] with { Trusted = true };
        }
    }

    private void SkipValue(ref Utf8JsonReader reader, bool isRepeat)
    {
        var (from, isList, isNothing) = ((int)reader.TokenStartIndex, reader.TokenType == JsonTokenType.StartArray, reader.TokenType == JsonTokenType.Null);
        reader.Skip();
        if (isRepeat && !isNothing)
        {
            Repeated.Add((from, (int)reader.BytesConsumed - from, isList));
        }
    }
}
