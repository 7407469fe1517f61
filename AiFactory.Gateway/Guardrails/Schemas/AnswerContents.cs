using System.Text.Json;

namespace AiFactory.Gateway.Guardrails.Schemas;

/// <summary>
/// What a model says in a whole answer of OpenAI's: of each choice its content. Calls of tools, thoughts and refusals are none, and an answer that is nothing else has none.
/// <code>
/// {"choices":[{"index":0,"message":{"role":"assistant","content":"{\"city\":\"Oslo\"}"}}]}
/// {"choices":[{"index":0,"text":"{\"city\":\"Oslo\"}"}]}
/// {"output":[{"type":"message","content":[{"type":"output_text","text":"{\"city\":\"Oslo\"}"}]}]}
/// </code>
/// </summary>
internal static class AnswerContents
{
    /// <exception cref="JsonException">A text has half a character, which nobody can tell what readers make of.</exception>
    public static IEnumerable<string> Of(JsonElement answer) =>
        List(answer, "choices").Select(OfChoice)
            .Concat(List(answer, "output").Where(item => Text(item, "type") is "message").Select(item => string.Concat(List(item, "content").Where(part => Text(part, "type") is "output_text").Select(part => Text(part, "text")))))
            .OfType<string>()
            .Where(text => text.Length > 0);

    private static string? OfChoice(JsonElement choice)
    {
        if (choice.ValueKind != JsonValueKind.Object || !choice.TryGetProperty("message"u8, out var message))
        {
            return Text(choice, "text");
        }

        // Some servers answer in parts.
        return Text(message, "content") ?? string.Concat(List(message, "content").Select(part => Text(part, "text")));
    }

    private static JsonElement[] List(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : [];

    private static string? Text(JsonElement of, string name)
    {
        try
        {
            return of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
        }
        catch (InvalidOperationException half)
        {
            throw new JsonException("It has half a character.", half);
        }
    }
}
