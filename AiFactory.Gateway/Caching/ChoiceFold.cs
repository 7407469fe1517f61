using System.Text;
using System.Text.Json;

namespace AiFactory.Gateway.Caching;

/// <summary>One choice of a stream, put together from its pieces.</summary>
internal sealed class ChoiceFold
{
    private static readonly string[] Texts = ["content", "refusal", "reasoning_content", "reasoning"];

    /// <summary>By the place in <see cref="Texts"/>; a completion's text is its content.</summary>
    private readonly StringBuilder?[] _texts = new StringBuilder?[Texts.Length];
    private readonly SortedDictionary<int, CallFold> _calls = [];
    private readonly List<(string Name, JsonElement Value)> _rest = [];
    private readonly List<JsonElement> _logprobs = [];
    private readonly List<JsonElement> _refusalLogprobs = [];
    private string _role = "assistant";
    private bool _hasLogprobs;

    public bool HasEnded { get; private set; }

    /// <returns>False where it is not certain what the whole answer would say.</returns>
    public bool TryAdd(JsonElement choice, bool chat)
    {
        foreach (var member in choice.EnumerateObject())
        {
            var (name, value) = (member.Name, member.Value);
            var isAdded = name switch
            {
                "index" => true,
                "text" when !chat && value.ValueKind == JsonValueKind.String => Append(0, value),
                "delta" when chat && value.ValueKind == JsonValueKind.Object => value.EnumerateObject().All(TryAddDelta),
                "logprobs" => TryAddLogprobs(value, chat),
                "finish_reason" => TryEnd(value),
                _ => TryAddRest(name, value),
            };
            if (!isAdded)
            {
                return false;
            }
        }

        return true;
    }

    public void Write(Utf8JsonWriter json, int index, bool chat)
    {
        json.WriteStartObject();
        json.WriteNumber("index"u8, index);
        if (chat)
        {
            WriteMessage(json);
        }
        else
        {
            json.WriteString("text"u8, _texts[0]?.ToString() ?? "");
        }

        WriteLogprobs(json);
        foreach (var (name, value) in _rest)
        {
            json.WritePropertyName(name);
            value.WriteTo(json);
        }

        json.WriteEndObject();
    }

    private bool TryAddDelta(JsonProperty member)
    {
        var value = member.Value;
        if (value.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        if (member.Name == "role" && value.ValueKind == JsonValueKind.String)
        {
            _role = value.GetString() ?? _role;
            return true;
        }

        if (member.Name == "tool_calls" && value.ValueKind == JsonValueKind.Array)
        {
            return value.EnumerateArray().All(TryAddCall);
        }

        return Array.IndexOf(Texts, member.Name) is var text and >= 0 && value.ValueKind == JsonValueKind.String && Append(text, value);
    }

    private bool TryAddCall(JsonElement call)
    {
        if (!call.TryGetProperty("index"u8, out var at) || !at.TryGetInt32(out var index))
        {
            return false;
        }

        if (!_calls.TryGetValue(index, out var fold))
        {
            _calls[index] = fold = new CallFold();
        }

        return fold.TryAdd(call);
    }

    /// <summary>Of a chat they are lists, which go on with each piece; a completion's are several lists that count characters.</summary>
    private bool TryAddLogprobs(JsonElement value, bool chat)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        _hasLogprobs = true;
        return chat && value.ValueKind == JsonValueKind.Object && value.EnumerateObject().All(member => member switch
        {
            { Value.ValueKind: JsonValueKind.Null } => true,
            { Value.ValueKind: not JsonValueKind.Array } => false,
            { Name: "content" } => AddAll(_logprobs, member.Value),
            { Name: "refusal" } => AddAll(_refusalLogprobs, member.Value),
            _ => false,
        });
    }

    private static bool AddAll(List<JsonElement> to, JsonElement items)
    {
        to.AddRange(items.EnumerateArray().Select(item => item.Clone()));
        return true;
    }

    private bool TryEnd(JsonElement reason)
    {
        if (reason.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        HasEnded = CompleteAnswer.IsEnd(reason);
        return HasEnded && TryAddRest("finish_reason", reason);
    }

    /// <summary>What a server says beside the text (vLLM: <c>stop_reason</c>): the last counts. A list may be one that goes on.</summary>
    private bool TryAddRest(string name, JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
        {
            return false;
        }

        _rest.RemoveAll(member => member.Name == name);
        _rest.Add((name, value.Clone()));
        return true;
    }

    private bool Append(int text, JsonElement value)
    {
        (_texts[text] ??= new StringBuilder()).Append(value.GetString());
        return true;
    }

    private void WriteMessage(Utf8JsonWriter json)
    {
        json.WriteStartObject("message"u8);
        json.WriteString("role"u8, _role);
        for (var i = 0; i < Texts.Length; i++)
        {
            var text = _texts[i];
            if (text is { Length: > 0 } || (i == 0 && _calls.Count == 0))
            {
                json.WriteString(Texts[i], text?.ToString() ?? "");
            }
            else if (i < 2)
            {
                // A message has its content and its refusal in any case.
                json.WriteNull(Texts[i]);
            }
        }

        if (_calls.Count > 0)
        {
            json.WriteStartArray("tool_calls"u8);
            foreach (var call in _calls.Values)
            {
                call.Write(json);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private void WriteLogprobs(Utf8JsonWriter json)
    {
        if (!_hasLogprobs)
        {
            json.WriteNull("logprobs"u8);
            return;
        }

        json.WriteStartObject("logprobs"u8);
        WriteList(json, "content", _logprobs);
        WriteList(json, "refusal", _refusalLogprobs);
        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, string name, List<JsonElement> items)
    {
        if (items.Count == 0)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartArray(name);
        items.ForEach(item => item.WriteTo(json));
        json.WriteEndArray();
    }
}
