using System.Text.Json;
using AiFactory.Builder.Models;

namespace AiFactory.Builder.Steps;

/// <summary>The values that flow through ports, as JSON.</summary>
internal static class PortValues
{
    internal static JsonElement Text(string text) => JsonSerializer.SerializeToElement(text);

    /// <summary>Passages become numbered lines, as a model cites them; whatever else is no string becomes its JSON.</summary>
    internal static string ToText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString() ?? "",
        JsonValueKind.Null or JsonValueKind.Undefined => "",
        JsonValueKind.Array when PassageTexts(value) is { Count: > 0 } texts => PassagePrompt.Number(texts),
        _ => value.GetRawText(),
    };

    /// <summary>The texts of an array of passages; empty when it is none.</summary>
    internal static IReadOnlyList<string> PassageTexts(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return [];
        }

        var texts = new List<string>();
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object
                || !item.TryGetProperty("documentName", out _)
                || !item.TryGetProperty("text", out var text)
                || text.ValueKind != JsonValueKind.String)
            {
                return [];
            }

            texts.Add(text.GetString() ?? "");
        }

        return texts;
    }

    /// <summary>The messages of an array like <c>[{"role":"user","content":"Hello"}]</c>, as far as they are of that form.</summary>
    internal static IEnumerable<(string Role, string Content)> Messages(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            yield break;
        }

        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Object
                && item.TryGetProperty("role", out var role) && role.ValueKind == JsonValueKind.String
                && item.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.String)
            {
                yield return (role.GetString() ?? "user", content.GetString() ?? "");
            }
        }
    }
}
