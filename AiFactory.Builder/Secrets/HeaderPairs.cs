using System.Text.Json;
using System.Text.RegularExpressions;

namespace AiFactory.Builder.Secrets;

/// <summary>
/// Headers by name and value, in whatever form an author wrote them, so that one rule looks at all of them:
/// <code>
/// {"accept": "*/*"}    [{"name": "accept", "value": "*/*"}]    [["accept", "*/*"]]    ["accept: */*"]    "accept: */*"
/// </code>
/// and each of these as a text of JSON, or within another.
/// </summary>
internal static partial class HeaderPairs
{
    private const string Value = "value";

    private static readonly string[] Names = ["name", "key", "header"];

    internal static IEnumerable<KeyValuePair<string, string>> Of(JsonElement headers) => headers.ValueKind switch
    {
        JsonValueKind.Object when Named(headers) is { } name => headers.EnumerateObject().Where(member => member.Name != name)
            .SelectMany(member => Pair(member.NameEquals(Value) ? headers.GetProperty(name).GetString() ?? "" : member.Name, member.Value)),
        JsonValueKind.Object => headers.EnumerateObject().SelectMany(member => Pair(member.Name, member.Value)),
        JsonValueKind.Array when IsPair(headers) => Pair(headers[0].GetString() ?? "", headers[1]),
        JsonValueKind.Array => headers.EnumerateArray().SelectMany(Of),
        JsonValueKind.String => Parse(headers.GetString() ?? "") is { } parsed
            ? Of(parsed)
            : Line().Matches(headers.GetString() ?? "").Select(match => KeyValuePair.Create(match.Groups["name"].Value, match.Groups["value"].Value.Trim())),
        _ => [],
    };

    /// <summary>Text that is of no form, for example of JSON that is half written.</summary>
    internal static string Rest(JsonElement headers) => headers.ValueKind switch
    {
        JsonValueKind.Array when !IsPair(headers) => string.Join(' ', headers.EnumerateArray().Select(Rest)),
        JsonValueKind.String => Parse(headers.GetString() ?? "") is { } parsed ? Rest(parsed) : Line().Replace(headers.GetString() ?? "", ""),
        _ => "",
    };

    /// <summary>A value that is JSON itself may have pairs of its own.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Pair(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [KeyValuePair.Create(name, value.GetString() ?? "")],
        JsonValueKind.Object or JsonValueKind.Array => [KeyValuePair.Create(name, value.GetRawText()), .. Of(value)],
        JsonValueKind.Null => [],
        _ => [KeyValuePair.Create(name, value.GetRawText())],
    };

    private static bool IsPair(JsonElement array) =>
        array.GetArrayLength() == 2 && array[0].ValueKind == JsonValueKind.String && Name().IsMatch(array[0].GetString() ?? "");

    private static JsonElement? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The member that holds the name where an object is one pair; null where it is none.</summary>
    private static string? Named(JsonElement pair) =>
        pair.TryGetProperty(Value, out _) ? Names.FirstOrDefault(name => pair.TryGetProperty(name, out var given) && given.ValueKind == JsonValueKind.String) : null;

    [GeneratedRegex(@"\A[A-Za-z0-9_-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    /// <summary><c>"x-key": "value"</c>, with or without quotes.</summary>
    [GeneratedRegex(@"(?<name>[A-Za-z0-9_-]+)[""']?\s*[:=]\s*[""']?(?<value>[^""'\r\n]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Line();
}
