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

    private const int LongestName = 64;

    private static readonly string[] Limits = ["max_tokens", "max_completion_tokens", "max_output_tokens"];

    public List<TextPlace> Places { get; } = [];

    /// <summary>Values that repeat texts as tokens, each with whether it is a list.</summary>
    public List<(int At, int Length, bool IsList)> Repeated { get; } = [];

    /// <summary>Elements of <c>messages</c>, or of <c>input</c> where these are messages.</summary>
    public int Messages { get; private set; }

    /// <summary>The most that one of the limits asks.</summary>
    public long? Tokens { get; private set; }

    /// <summary>Whether a prompt is numbers in place of words.</summary>
    public bool HasTokenIds { get; private set; }

    /// <exception cref="JsonException">It is no JSON.</exception>
    public static JsonTexts Read(ReadOnlySpan<byte> json, TextShape shape)
    {
        var texts = new JsonTexts();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaximumDepth });
        Span<char> buffer = stackalloc char[LongestName];
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return texts;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Name(reader.ValueSpan, buffer);
            reader.Read();
            if (shape.IsRoot(name) && !shape.IsMark(name))
            {
                texts.Take(ref reader, shape, name.ToString(), shape.MayBeTokenIds(name), described: false);
            }
            else if (shape.IsDescribed(name))
            {
                texts.Take(ref reader, shape, name.ToString(), mayBeTokens: false, described: true);
            }
            else
            {
                texts.TakeLimit(ref reader, name);
                texts.SkipValue(ref reader, TextShape.Repeats(name));
            }
        }

        return texts;
    }

    private void TakeLimit(ref Utf8JsonReader reader, scoped ReadOnlySpan<char> name)
    {
        if (reader.TokenType == JsonTokenType.Number && Limits.AsSpan().Contains(name.ToString()))
        {
            Tokens = Math.Max(Tokens ?? 0, reader.TryGetInt64(out var asked) ? asked : long.MaxValue);
        }
    }

    /// <summary>All of one member's value.</summary>
    private void Take(ref Utf8JsonReader reader, TextShape shape, string root, bool mayBeTokens, bool described)
    {
        var depth = reader.CurrentDepth;
        var isList = reader.TokenType == JsonTokenType.StartArray;
        if (reader.TokenType == JsonTokenType.String)
        {
            Places.Add(new TextPlace((int)reader.TokenStartIndex, reader.ValueSpan.Length + 2, root, -1, Trusted: false));
        }

        if (reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.StartObject))
        {
            return;
        }

        Span<char> buffer = stackalloc char[LongestName];
        var (element, first, trusted) = (-1, Places.Count, false);
        var isText = !described;
        var inList = isList;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            var isElement = isList && reader.CurrentDepth == depth + 1;
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    var name = Name(reader.ValueSpan, buffer);
                    var isRole = isList && reader.CurrentDepth == depth + 2 && name is "role";
                    var (repeats, marks) = (TextShape.Repeats(name), shape.IsMark(name));
                    isText = !described || name is "description";
                    inList = false;
                    if (isRole || repeats || marks)
                    {
                        reader.Read();
                        trusted |= isRole && reader.TokenType == JsonTokenType.String && (reader.ValueTextEquals("system"u8) || reader.ValueTextEquals("developer"u8));
                        SkipValue(ref reader, repeats);
                    }

                    continue;
                case JsonTokenType.String when isText:
                    element += isElement ? 1 : 0;
                    Places.Add(new TextPlace((int)reader.TokenStartIndex, reader.ValueSpan.Length + 2, root, element, Trusted: false));
                    break;
                case JsonTokenType.Number:
                    HasTokenIds |= mayBeTokens && inList;
                    break;
                case JsonTokenType.StartArray:
                    inList = true;
                    break;
                case JsonTokenType.StartObject when isElement:
                    (element, first, trusted) = (element + 1, Places.Count, false);
                    Messages += root is "messages" or "input" ? 1 : 0;
                    break;
                case JsonTokenType.EndObject when isElement && trusted:
                    Trust(first);
                    break;
            }
        }
    }

    /// <summary>The role of a message may stand behind its texts.</summary>
    private void Trust(int first)
    {
        for (var i = first; i < Places.Count; i++)
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

    /// <summary>A longer one is none that is known here.</summary>
    private static ReadOnlySpan<char> Name(scoped ReadOnlySpan<byte> raw, Span<char> buffer) => raw.Length > buffer.Length ? [] : buffer[..JsonText.Decode(raw, buffer)];
}
