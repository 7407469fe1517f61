using System.Text.Json;
using System.Text.Json.Nodes;

namespace AiFactory.Builder.Runs;

/// <summary>JSON as Postgres stores it: <c>jsonb</c> refuses the character U+0000, which a model or a web service may well send. It becomes U+FFFD.</summary>
internal static class StorableJson
{
    internal static string Write<T>(T value)
    {
        var text = JsonSerializer.Serialize(value, JsonSerializerOptions.Web);
        return text.Contains("\\u0000", StringComparison.Ordinal) ? Replaced(JsonNode.Parse(text))?.ToJsonString() ?? "null" : text;
    }

    private static JsonNode? Replaced(JsonNode? node) => node switch
    {
        JsonObject value => new JsonObject(value.Select(member => KeyValuePair.Create(Clean(member.Key), Replaced(member.Value))).DistinctBy(member => member.Key)),
        JsonArray items => new JsonArray([.. items.Select(Replaced)]),
        JsonValue value when value.TryGetValue<string>(out var text) => JsonValue.Create(Clean(text)),
        _ => node?.DeepClone(),
    };

    private static string Clean(string text) => text.Replace('\0', '\uFFFD');
}
