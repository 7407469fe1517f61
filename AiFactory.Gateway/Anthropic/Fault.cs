using System.Text.Json;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Anthropic;

/// <summary>What is wrong with a request, behind the place where it is, as Anthropic says it: <c>messages.0.content.1.type: ...</c></summary>
internal static class Fault
{
    public static OpenAIError At(string path, string complaint) =>
        OpenAIError.Of(StatusCodes.Status400BadRequest, $"{path}: {complaint}", "invalid_request_error", path, "invalid_value");

    /// <summary>The member, unless it is absent or null.</summary>
    public static bool TryGet(this JsonElement element, ReadOnlySpan<byte> name, out JsonElement value) =>
        element.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>Null when the member is no text.</summary>
    public static string? Text(this JsonElement element, ReadOnlySpan<byte> name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
