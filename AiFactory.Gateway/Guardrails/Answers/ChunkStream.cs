using System.Buffers;
using System.Globalization;
using System.Text.Json;
using AiFactory.Gateway.Guardrails.Texts;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Guardrails.Answers;

/// <summary>
/// Chunks of chat completions and of completions. Every string within a choice is a text of its own, by its place, unless its name says that it is none and it looks so. One whose name says so and that does not
/// look so is a text all the same, of which nothing is kept back: clients take ids and names as whole as they come.
/// <code>
/// data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"Hel"},"logprobs":null,"finish_reason":null}]}
/// data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"ci"}}]}}]}
/// data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}
/// </code>
/// </summary>
internal sealed class ChunkStream(Guarding guarding, bool isChat) : AnswerStream(guarding)
{
    private const int LongestPath = 512;
    private const int LongestName = 64;

    private static readonly byte[] Null = "null"u8.ToArray();

    private readonly List<(AnswerChannel Channel, int At, int Length)> _pieces = [];
    private readonly List<TextPlace> _marks = [];
    private readonly List<int> _ending = [];
    private readonly List<int> _open = [];
    private readonly char[] _path = new char[LongestPath];
    private readonly bool _hides = guarding.Policy.HoldsBack;

    /// <summary>The members of every chunk, as the first one had them: <c>{"id":"chatcmpl-1",...,"choices":[</c>.</summary>
    private byte[]? _head;

    protected override void Take(in AnswerEvent one)
    {
        _pieces.Clear();
        _marks.Clear();
        _ending.Clear();
        Read(one);

        // 1. The texts of a choice that ends here have no more to wait for.
        if (_ending.Count > 0 && !Flush(channel => _ending.Contains(channel.Choice) && !_pieces.Exists(piece => piece.Channel == channel)))
        {
            return;
        }

        // 2. The pieces.
        foreach (var (channel, at, length) in _pieces)
        {
            if (!Put(one, channel, at, length, isEnd: _ending.Contains(channel.Choice)))
            {
                return;
            }
        }

        foreach (var place in _marks)
        {
            if (!PutWhole(one, place))
            {
                return;
            }
        }

        if (_ending.Count > 0 && !EndTexts(channel => _ending.Contains(channel.Choice)))
        {
            return;
        }

        Write(one);
        _open.RemoveAll(_ending.Contains);
    }

    protected override void WriteStop()
    {
        foreach (var choice in _open.Count == 0 ? [0] : _open)
        {
            WriteChunk(choice, json =>
            {
                if (isChat)
                {
                    json.WriteStartObject("delta"u8);
                    json.WriteEndObject();
                }
                else
                {
                    json.WriteString("text"u8, "");
                }

                json.WriteString("finish_reason"u8, GuardrailError.Code);
            });
        }
    }

    protected override void WriteRest(AnswerChannel channel, ReadOnlySpan<char> text)
    {
        var rest = text.ToString();
        WriteChunk(channel.Choice, json =>
        {
            var depth = new Stack<bool>();
            var names = channel.Path.Split('/');
            for (var i = 0; i < names.Length; i++)
            {
                var list = names[i].IndexOf('[', StringComparison.Ordinal);
                json.WritePropertyName(list < 0 ? names[i] : names[i][..list]);
                if (list >= 0)
                {
                    json.WriteStartArray();
                    depth.Push(false);
                }

                if (i == names.Length - 1)
                {
                    break;
                }

                json.WriteStartObject();
                depth.Push(true);
                if (list >= 0)
                {
                    json.WriteNumber("index"u8, int.Parse(names[i].AsSpan(list + 1, names[i].Length - list - 2), CultureInfo.InvariantCulture));
                }
            }

            json.WriteStringValue(rest);
            while (depth.TryPop(out var isObject))
            {
                if (isObject)
                {
                    json.WriteEndObject();
                }
                else
                {
                    json.WriteEndArray();
                }
            }

            json.WriteNull("finish_reason"u8);
        });
    }

    private void WriteChunk(int choice, Action<Utf8JsonWriter> write)
    {
        Output.Write("data: "u8);
        Output.Write(_head ?? """{"choices":["""u8);
        using (var json = new Utf8JsonWriter(Output, RelaxedJson.Options))
        {
            json.WriteStartObject();
            json.WriteNumber("index"u8, choice);
            write(json);
            json.WriteEndObject();
        }

        Output.Write("]}\n\n"u8);
    }

    private void Read(in AnswerEvent one)
    {
        var reader = one.Open();
        Span<char> buffer = stackalloc char[LongestName];
        var head = _head is null ? new ArrayBufferWriter<byte>(256) : null;
        var isChunk = false;
        head?.Write("{"u8);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Name(reader.ValueSpan, buffer);
            var from = (int)reader.TokenStartIndex;
            reader.Read();
            if (name is "choices" && reader.TokenType == JsonTokenType.StartArray)
            {
                ReadChoices(ref reader);
                isChunk = true;
            }
            else
            {
                var isHead = name is "id" or "object" or "created" or "model";
                reader.Skip();
                if (isHead && head is not null)
                {
                    head.Write(one.Data[from..(int)reader.BytesConsumed]);
                    head.Write(","u8);
                }
            }
        }

        if (head is not null && isChunk)
        {
            head.Write("\"choices\":["u8);
            _head = head.WrittenSpan.ToArray();
        }
    }

    private void ReadChoices(ref Utf8JsonReader reader)
    {
        for (var ordinal = 0; reader.Read() && reader.TokenType == JsonTokenType.StartObject; ordinal++)
        {
            var choice = Index(reader) ?? ordinal;
            if (!_open.Contains(choice))
            {
                _open.Add(choice);
            }

            ReadObject(ref reader, choice, 0, isChoice: true);
        }
    }

    /// <param name="length">Of the path so far.</param>
    private void ReadObject(ref Utf8JsonReader reader, int choice, int length, bool isChoice = false)
    {
        Span<char> buffer = stackalloc char[LongestName];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Name(reader.ValueSpan, buffer);
            reader.Read();
            if (isChoice && name is "finish_reason" && reader is { TokenType: JsonTokenType.String, ValueSpan.Length: > 0 })
            {
                _ending.Add(choice);
            }

            var kind = TextShape.KindOfAnswer(name);
            if (kind == TextKind.Tokens && _hides)
            {
                var from = (int)reader.TokenStartIndex;
                reader.Skip();
                Edit(from, (int)reader.BytesConsumed - from, Null);
            }
            else if (kind == TextKind.Tokens)
            {
                reader.Skip();
            }
            else
            {
                var separated = length == 0 ? 0 : Append(length, "/");
                ReadValue(ref reader, choice, Append(separated, name), kind);
            }
        }
    }

    /// <param name="kind">What the member's name says.</param>
    private void ReadValue(ref Utf8JsonReader reader, int choice, int length, TextKind kind)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String when PlainMarks.IsPlain(kind, reader.ValueSpan):
                break;
            case JsonTokenType.String when kind is TextKind.Mark or TextKind.File:
                _marks.Add(new TextPlace((int)reader.TokenStartIndex, reader.ValueSpan.Length + 2, "choices", choice));
                break;
            case JsonTokenType.String:
                _pieces.Add((Channel(choice, _path.AsSpan(0, length), kind == TextKind.Json), (int)reader.TokenStartIndex, reader.ValueSpan.Length + 2));
                break;
            case JsonTokenType.StartObject:
                ReadObject(ref reader, choice, length);
                break;
            case JsonTokenType.StartArray:
                for (var ordinal = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; ordinal++)
                {
                    var index = reader.TokenType == JsonTokenType.StartObject ? Index(reader) ?? ordinal : ordinal;
                    ReadValue(ref reader, choice, Append(length, string.Create(CultureInfo.InvariantCulture, $"[{index}]")), kind);
                }

                break;
        }
    }

    /// <summary>The member <c>index</c> of the object that the reader, a copy, has come to.</summary>
    private static int? Index(Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals("index"u8);
            reader.Read();
            if (found)
            {
                return reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var index) ? index : null;
            }

            reader.Skip();
        }

        return null;
    }

    private int Append(int length, ReadOnlySpan<char> part)
    {
        if (length + part.Length > _path.Length)
        {
            throw new JsonException("A text lies deeper than any that is known.");
        }

        part.CopyTo(_path.AsSpan(length));
        return length + part.Length;
    }

    /// <summary>A longer one is none that is known here; its texts are looked into all the same.</summary>
    private static ReadOnlySpan<char> Name(scoped ReadOnlySpan<byte> raw, Span<char> buffer) => raw.Length > buffer.Length ? "long" : buffer[..JsonText.Decode(raw, buffer)];
}
