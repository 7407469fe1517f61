using System.Text.Json;

namespace AiFactory.Gateway.Guardrails.Schemas;

/// <summary>
/// What a model says: what of an answer is content, whole and streamed, and what of it is one document. Of a choice all of its content is, for some servers answer in parts; of a response each text is.
/// Calls of tools, thoughts and refusals are none, and an answer that is nothing else has none.
/// <code>
/// {"choices":[{"index":0,"message":{"role":"assistant","content":"{\"city\":\"Oslo\"}"}}]}      {"choices":[{"index":0,"delta":{"content":"{\"ci"}}]}
/// {"choices":[{"index":0,"message":{"content":[{"type":"text","text":"{\"ci"},...]}}]}            {"choices":[{"index":0,"delta":{"content":[{"type":"text","text":"{\"ci"}]}}]}
/// {"choices":[{"index":0,"text":"{\"city\":\"Oslo\"}"}]}                                          the same
/// {"output":[{"type":"message","content":[{"type":"output_text","text":"{\"city\":\"Oslo\"}"}]}]} {"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"{\"ci"}
/// </code>
/// </summary>
internal static class AnswerContents
{
    private const string OfChoices = "content";

    /// <summary>The documents of a whole answer.</summary>
    /// <exception cref="JsonException">A text has half a character, which nobody can tell what readers make of.</exception>
    public static IEnumerable<string> Of(JsonElement answer) => Said(List(answer, "choices").Select(OfChoice).Concat(List(answer, "output").SelectMany(OfItem)));

    /// <summary>Those that an event of a streamed response says whole: each several times, and some never in pieces.</summary>
    /// <exception cref="JsonException">A text has half a character.</exception>
    public static IEnumerable<string> OfEvent(JsonElement one) => Text(one, "type") switch
    {
        "response.output_text.done" => Said([Text(one, "text")]),
        "response.content_part.done" => Said([OfPart(Member(one, "part"))]),
        "response.output_item.done" => Said(OfItem(Member(one, "item"))),
        "response.completed" or "response.incomplete" or "response.failed" => Of(Member(one, "response")),
        _ => [],
    };

    /// <summary>Which document of its choice, or item, the pieces belong to that streams have in this place; null where they are no content.</summary>
    /// <param name="path">As channels have it: <c>delta/content[0]/text</c>, <c>response.output_text.delta/0</c>.</param>
    public static string? DocumentOf(string path) =>
        path is "delta/content" or "text" || (path.StartsWith("delta/content[", StringComparison.Ordinal) && path.EndsWith("]/text", StringComparison.Ordinal) && path.Count('/') == 2) ? OfChoices
        : path.StartsWith("response.output_text.delta/", StringComparison.Ordinal) ? path
        : null;

    private static string? OfChoice(JsonElement choice) => Member(choice, "message") is not { ValueKind: not JsonValueKind.Undefined } message
        ? Text(choice, "text")
        : Text(message, "content") ?? string.Concat(List(message, "content").Select(part => Text(part, "text")));

    private static IEnumerable<string?> OfItem(JsonElement item) => Text(item, "type") is "message" ? List(item, "content").Select(OfPart) : [];

    private static string? OfPart(JsonElement part) => Text(part, "type") is "output_text" ? Text(part, "text") : null;

    private static IEnumerable<string> Said(IEnumerable<string?> texts) => texts.OfType<string>().Where(text => text.Length > 0);

    private static JsonElement[] List(JsonElement of, string name) => Member(of, name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];

    private static JsonElement Member(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var member) ? member : default;

    private static string? Text(JsonElement of, string name)
    {
        try
        {
            return Member(of, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
        }
        catch (InvalidOperationException half)
        {
            throw new JsonException("It has half a character.", half);
        }
    }
}
