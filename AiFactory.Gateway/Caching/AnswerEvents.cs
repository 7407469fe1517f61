using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Caching;

/// <summary>
/// A whole answer as the stream that it would have been: the role, texts in pieces of a few words, calls, the reason of the end, the usage.
/// <code>
/// data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}
/// data: {"id":"chatcmpl-1",...,"choices":[{"index":0,"delta":{"content":"The words "},"logprobs":null,"finish_reason":null}]}
/// data: {"id":"chatcmpl-1",...,"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}
/// data: {"id":"chatcmpl-1",...,"choices":[],"usage":{...}}
/// data: [DONE]
/// </code>
/// Several choices come one after the other. A text with logprobs comes in one piece, for nothing tells which piece each of them belongs to.
/// </summary>
internal sealed class AnswerEvents : IDisposable
{
    /// <summary>Characters of a piece, up to the end of a word; a long text's are longer, for each has the head before it.</summary>
    private const int Piece = 20;

    private const int MostPieces = 500;

    /// <summary>Bytes of one member of the head, which every piece repeats.</summary>
    private const int LongestOfHead = 256;

    /// <summary>What chunks say too. Of anything else nothing says how a stream brings it.</summary>
    private static readonly string[] Heads = ["id", "created", "model", "system_fingerprint", "service_tier"];

    private static readonly string[] Texts = ["reasoning_content", "reasoning", "refusal", "content"];

    private readonly ArrayBufferWriter<byte> _output;
    private readonly Utf8JsonWriter _json;
    private readonly List<JsonProperty> _head = [];
    private readonly bool _chat;

    private AnswerEvents(JsonElement answer, bool chat)
    {
        _output = new ArrayBufferWriter<byte>(4096);
        _json = new Utf8JsonWriter(_output, RelaxedJson.Options);
        _chat = chat;
        _head.AddRange(answer.EnumerateObject().Where(member => Array.IndexOf(Heads, member.Name) >= 0));
    }

    /// <returns>Null where a stream could not say all of it.</returns>
    public static byte[]? Of(ReadOnlyMemory<byte> answer, Operation operation, bool tellsUsage)
    {
        using var document = JsonDocument.Parse(answer);
        var root = document.RootElement;
        var hasUsage = root.TryGetProperty("usage"u8, out var usage) && usage.ValueKind == JsonValueKind.Object;
        if ((tellsUsage && !hasUsage) || !root.EnumerateObject().All(IsKnownOfRoot))
        {
            return null;
        }

        try
        {
            using var events = new AnswerEvents(root, operation == Operation.ChatCompletion);
            foreach (var choice in root.GetProperty("choices"u8).EnumerateArray())
            {
                if (!events.TryWriteChoice(choice))
                {
                    return null;
                }
            }

            if (tellsUsage)
            {
                events.WriteUsage(usage);
            }

            events._output.Write("data: [DONE]\n\n"u8);
            return events._output.WrittenSpan.ToArray();
        }
        catch (InvalidOperationException)
        {
            // A text of it is no Unicode: only the model's own bytes can say it.
            return null;
        }
    }

    public void Dispose() => _json.Dispose();

    private bool TryWriteChoice(JsonElement choice)
    {
        var index = choice.TryGetProperty("index"u8, out var at) && at.TryGetInt32(out var number) ? number : 0;
        var logprobs = choice.TryGetProperty("logprobs"u8, out var told) && told.ValueKind != JsonValueKind.Null ? told : default;
        if (!_chat)
        {
            if (!choice.TryGetProperty("text"u8, out var text) || text.ValueKind != JsonValueKind.String)
            {
                return false;
            }

            WriteText(index, "text", text.GetString() ?? "", logprobs);
        }
        else if (!choice.TryGetProperty("message"u8, out var message) || !TryWriteMessage(index, message, logprobs))
        {
            return false;
        }

        WriteEnd(index, choice);
        return true;
    }

    private bool TryWriteMessage(int index, JsonElement message, JsonElement logprobs)
    {
        if (!message.EnumerateObject().All(IsKnown))
        {
            return false;
        }

        WriteDelta(index, default, delta =>
        {
            delta.WriteString("role"u8, message.TryGetProperty("role"u8, out var role) && role.ValueKind == JsonValueKind.String ? role.GetString() : "assistant");
            delta.WriteString("content"u8, ""u8);
        });
        foreach (var name in Texts)
        {
            if (message.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String)
            {
                WriteText(index, name, text.GetString() ?? "", name == "content" ? logprobs : default);
            }
        }

        if (message.TryGetProperty("tool_calls"u8, out var calls) && calls.ValueKind == JsonValueKind.Array)
        {
            var place = 0;
            foreach (var call in calls.EnumerateArray())
            {
                if (call.ValueKind != JsonValueKind.Object)
                {
                    return false;
                }

                WriteDelta(index, default, delta => WriteCall(delta, place, call));
                place++;
            }
        }

        return true;
    }

    private static bool IsKnownOfRoot(JsonProperty member) =>
        member.Name is "choices" or "usage" or "object" || member.Value.ValueKind == JsonValueKind.Null
        || (Array.IndexOf(Heads, member.Name) >= 0 && JsonMarshal.GetRawUtf8Value(member.Value).Length <= LongestOfHead);

    /// <summary>What a client would miss if a stream did not bring it, and nothing says how one does.</summary>
    private static bool IsKnown(JsonProperty member) => member.Value.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.String => member.Name == "role" || Array.IndexOf(Texts, member.Name) >= 0,
        JsonValueKind.Array => member.Name == "tool_calls" || member.Value.GetArrayLength() == 0,
        _ => false,
    };

    private static void WriteCall(Utf8JsonWriter delta, int place, JsonElement call)
    {
        delta.WriteStartArray("tool_calls"u8);
        delta.WriteStartObject();
        delta.WriteNumber("index"u8, place);
        foreach (var member in call.EnumerateObject().Where(member => member.Name != "index"))
        {
            member.WriteTo(delta);
        }

        delta.WriteEndObject();
        delta.WriteEndArray();
    }

    private void WriteText(int index, string name, string text, JsonElement logprobs)
    {
        // What has none to write may still have its logprobs.
        var (at, usual) = (0, Math.Max(Piece, text.Length / MostPieces));
        while (at < text.Length || logprobs.ValueKind != JsonValueKind.Undefined)
        {
            var length = logprobs.ValueKind != JsonValueKind.Undefined ? text.Length : PieceOf(text.AsSpan(at), usual);
            var piece = text.Substring(at, length);
            if (_chat)
            {
                WriteDelta(index, logprobs, delta => delta.WriteString(name, piece));
            }
            else
            {
                WriteChunk(json => WriteCompletion(json, index, piece, logprobs, choice: default));
            }

            (at, logprobs) = (at + length, default);
        }
    }

    /// <summary>Up to the end of a word, and never within a character.</summary>
    private static int PieceOf(ReadOnlySpan<char> text, int usual)
    {
        if (text.Length <= usual)
        {
            return text.Length;
        }

        // A language without blanks has none.
        var longest = Math.Min(text.Length, usual * 2);
        var blank = text[(usual - 1)..longest].IndexOfAny(" \n\t");
        var length = blank >= 0 ? usual + blank : longest;
        return length < text.Length && char.IsLowSurrogate(text[length]) ? length - 1 : length;
    }

    private void WriteEnd(int index, JsonElement choice) => WriteChunk(json =>
    {
        if (!_chat)
        {
            WriteCompletion(json, index, "", logprobs: default, choice);
            return;
        }

        json.WriteStartObject();
        json.WriteNumber("index"u8, index);
        json.WriteStartObject("delta"u8);
        json.WriteEndObject();
        json.WriteNull("logprobs"u8);
        WriteRest(json, choice);
        json.WriteEndObject();
    });

    private void WriteDelta(int index, JsonElement logprobs, Action<Utf8JsonWriter> write) => WriteChunk(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("index"u8, index);
        json.WriteStartObject("delta"u8);
        write(json);
        json.WriteEndObject();
        WriteLogprobs(json, logprobs);
        json.WriteNull("finish_reason"u8);
        json.WriteEndObject();
    });

    private static void WriteCompletion(Utf8JsonWriter json, int index, string text, JsonElement logprobs, JsonElement choice)
    {
        json.WriteStartObject();
        json.WriteNumber("index"u8, index);
        json.WriteString("text"u8, text);
        WriteLogprobs(json, logprobs);
        if (choice.ValueKind == JsonValueKind.Object)
        {
            WriteRest(json, choice);
        }
        else
        {
            json.WriteNull("finish_reason"u8);
        }

        json.WriteEndObject();
    }

    private static void WriteLogprobs(Utf8JsonWriter json, JsonElement logprobs)
    {
        json.WritePropertyName("logprobs"u8);
        if (logprobs.ValueKind == JsonValueKind.Undefined)
        {
            json.WriteNullValue();
        }
        else
        {
            logprobs.WriteTo(json);
        }
    }

    /// <summary>The reason of the end, and what a server says beside it (vLLM: <c>stop_reason</c>).</summary>
    private static void WriteRest(Utf8JsonWriter json, JsonElement choice)
    {
        foreach (var member in choice.EnumerateObject().Where(member => member.Name is not ("index" or "message" or "text" or "logprobs")))
        {
            member.WriteTo(json);
        }
    }

    private void WriteUsage(JsonElement usage) => WriteChunk(choice: null, json =>
    {
        json.WritePropertyName("usage"u8);
        usage.WriteTo(json);
    });

    private void WriteChunk(Action<Utf8JsonWriter>? choice, Action<Utf8JsonWriter>? behind = null)
    {
        _output.Write("data: "u8);
        _json.Reset(_output);
        _json.WriteStartObject();
        _json.WriteString("object"u8, _chat ? "chat.completion.chunk"u8 : "text_completion"u8);
        foreach (var member in _head)
        {
            member.WriteTo(_json);
        }

        _json.WriteStartArray("choices"u8);
        choice?.Invoke(_json);
        _json.WriteEndArray();
        behind?.Invoke(_json);
        _json.WriteEndObject();
        _json.Flush();
        _output.Write("\n\n"u8);
    }
}
