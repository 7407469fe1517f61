using System.Buffers;
using System.Text.Json;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Caching;

/// <summary>A stream as the whole answer that it stands for. What it cannot put together for certain it gives up: such a stream is not kept.</summary>
internal sealed class StreamFold
{
    private readonly bool _chat;
    private readonly SortedDictionary<int, ChoiceFold> _choices = [];

    /// <summary>The members of chunks but their choices, the last of each; in the order in which they came first.</summary>
    private readonly List<(string Name, JsonElement Value)> _head = [];

    private StreamFold(bool chat) => _chat = chat;

    /// <param name="stream">All of it, as the model's server wrote it.</param>
    /// <returns>Null where it is not complete, or says what a whole answer has no certain place for.</returns>
    public static byte[]? Of(ReadOnlyMemory<byte> stream, Operation operation)
    {
        var fold = new StreamFold(operation == Operation.ChatCompletion);
        var events = new EventSplitter();
        events.Append(stream);
        var ended = false;
        try
        {
            while (events.TryRead(out var data))
            {
                if (ended)
                {
                    return null;
                }

                ended = data.Span.SequenceEqual("[DONE]"u8);
                if (!ended && !fold.TryAdd(data))
                {
                    return null;
                }
            }

            return ended && fold.IsComplete ? fold.Write() : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or IOException)
        {
            // No JSON, half of a character, an event without an end.
            return null;
        }
    }

    /// <summary>A whole answer without its usage is none that a server would give.</summary>
    private bool IsComplete => _choices.Count > 0 && _choices.Values.All(choice => choice.HasEnded) && _head.Exists(member => member.Name == "usage");

    private bool TryAdd(ReadOnlyMemory<byte> data)
    {
        using var document = JsonDocument.Parse(data);
        foreach (var member in document.RootElement.EnumerateObject())
        {
            switch (member.Name)
            {
                case "error":
                    return false;
                case "choices":
                    foreach (var choice in member.Value.EnumerateArray())
                    {
                        if (!TryAddChoice(choice))
                        {
                            return false;
                        }
                    }

                    break;
                // A filling of a random length, by which who listens learns less of the text's.
                case "obfuscation":
                    break;
                case var name when member.Value.ValueKind != JsonValueKind.Null:
                    Put(name, member.Value.Clone());
                    break;
            }
        }

        return true;
    }

    private bool TryAddChoice(JsonElement choice)
    {
        if (!choice.TryGetProperty("index"u8, out var at) || !at.TryGetInt32(out var index))
        {
            return false;
        }

        if (!_choices.TryGetValue(index, out var fold))
        {
            _choices[index] = fold = new ChoiceFold();
        }

        return fold.TryAdd(choice, _chat);
    }

    private void Put(string name, JsonElement value)
    {
        var at = _head.FindIndex(member => member.Name == name);
        if (at < 0)
        {
            _head.Add((name, value));
        }
        else
        {
            _head[at] = (name, value);
        }
    }

    private byte[] Write()
    {
        var output = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(output, RelaxedJson.Options);
        json.WriteStartObject();
        foreach (var (name, value) in _head.Where(member => member.Name is not ("usage" or "object")))
        {
            json.WritePropertyName(name);
            value.WriteTo(json);
        }

        json.WriteString("object"u8, _chat ? "chat.completion"u8 : "text_completion"u8);
        json.WriteStartArray("choices"u8);
        foreach (var (index, choice) in _choices)
        {
            choice.Write(json, index, _chat);
        }

        json.WriteEndArray();
        json.WritePropertyName("usage"u8);
        _head.Find(member => member.Name == "usage").Value.WriteTo(json);
        json.WriteEndObject();
        json.Flush();
        return output.WrittenSpan.ToArray();
    }
}
