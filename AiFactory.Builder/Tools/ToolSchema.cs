using System.Text.Json;
using AiFactory.Builder.Runs;

namespace AiFactory.Builder.Tools;

/// <summary>
/// Reads what the factory itself needs of a tool's parameters; the rest is for the model.
/// <code>{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}</code>
/// </summary>
internal static class ToolSchema
{
    internal static JsonElement None { get; } = JsonDocument.Parse("""{"type":"object","properties":{}}""").RootElement;

    /// <summary>What is wrong with it, in a sentence; null when nothing is.</summary>
    internal static string? Complaint(JsonElement? schema)
    {
        if (schema is not { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } given)
        {
            return null;
        }

        if (StorableJson.Complaint(given) is { } complaint)
        {
            return $"The parameters are not taken: {complaint}.";
        }

        if (given.ValueKind != JsonValueKind.Object || !given.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String || !type.ValueEquals("object"))
        {
            return "The parameters are a JSON schema of an object: {\"type\":\"object\",\"properties\":{...}}.";
        }

        if (given.TryGetProperty("properties", out var properties) && properties.ValueKind != JsonValueKind.Object)
        {
            return "The schema's 'properties' are an object.";
        }

        return given.TryGetProperty("required", out var required)
            && (required.ValueKind != JsonValueKind.Array || required.EnumerateArray().Any(name => name.ValueKind != JsonValueKind.String))
            ? "The schema's 'required' is a list of names."
            : null;
    }

    /// <summary>The arguments that it knows.</summary>
    internal static IReadOnlySet<string> Names(JsonElement? schema) =>
        schema is { ValueKind: JsonValueKind.Object } given && given.TryGetProperty("properties", out var properties)
            ? properties.EnumerateObject().Select(property => property.Name).ToHashSet(StringComparer.Ordinal)
            : new HashSet<string>();

    /// <summary>The first argument that it asks for and is not there; null when all are.</summary>
    internal static string? Missing(JsonElement schema, JsonElement arguments) =>
        schema.TryGetProperty("required", out var required)
            ? required.EnumerateArray().Select(name => name.GetString() ?? "").FirstOrDefault(name => !arguments.TryGetProperty(name, out _))
            : null;
}
