using System.Text.Json;

namespace AiFactory.Builder.Runs;

/// <summary>What a list shows of a run's input.</summary>
internal static class RunTitle
{
    private const int Longest = 120;

    internal static string Of(JsonElement input)
    {
        var text = input.TryGetProperty("text", out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        text = string.IsNullOrWhiteSpace(text) ? input.GetRawText() : text;
        return StorableText.Clean(StorableText.Start(text.ReplaceLineEndings(" ").Trim(), Longest));
    }
}
