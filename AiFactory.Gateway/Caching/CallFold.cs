using System.Text;
using System.Text.Json;

namespace AiFactory.Gateway.Caching;

/// <summary>
/// One call of a tool, put together from its pieces.
/// <code>
/// {"index":0,"id":"call_1","type":"function","function":{"name":"weather","arguments":""}}
/// {"index":0,"function":{"arguments":"{\"city\":"}}
/// </code>
/// </summary>
internal sealed class CallFold
{
    private readonly StringBuilder _arguments = new();
    private string? _id;
    private string? _name;

    /// <returns>False for what has no certain place: another kind of call, a second name.</returns>
    public bool TryAdd(JsonElement call) => call.EnumerateObject().All(member => member switch
    {
        { Name: "index" } or { Value.ValueKind: JsonValueKind.Null } => true,
        { Name: "id", Value.ValueKind: JsonValueKind.String } => TrySet(ref _id, member.Value),
        { Name: "type", Value.ValueKind: JsonValueKind.String } => member.Value.ValueEquals("function"u8),
        { Name: "function", Value.ValueKind: JsonValueKind.Object } => member.Value.EnumerateObject().All(TryAddFunction),
        _ => false,
    });

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, _id);
        json.WriteString("type"u8, "function"u8);
        json.WriteStartObject("function"u8);
        json.WriteString("name"u8, _name);
        json.WriteString("arguments"u8, _arguments.ToString());
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private bool TryAddFunction(JsonProperty member)
    {
        switch (member)
        {
            case { Value.ValueKind: JsonValueKind.Null }:
                return true;
            case { Name: "name", Value.ValueKind: JsonValueKind.String }:
                return TrySet(ref _name, member.Value);
            case { Name: "arguments", Value.ValueKind: JsonValueKind.String }:
                _arguments.Append(member.Value.GetString());
                return true;
            default:
                return false;
        }
    }

    /// <summary>Some servers repeat it with each piece, and an empty one says nothing.</summary>
    private static bool TrySet(ref string? place, JsonElement value)
    {
        var text = value.GetString();
        if (string.IsNullOrEmpty(text) || text == place)
        {
            return true;
        }

        var first = place is null;
        place ??= text;
        return first;
    }
}
