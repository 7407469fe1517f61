using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AiFactory.Contracts.OpenAI;

namespace AiFactory.Builder.Agents;

/// <summary>
/// Tells the calls of one answer apart by what they do. An answer that is begun again after a crash need not come to the same calls by the same way: a model
/// may make them in another order. The same call has the same key, and the second of two like calls has one of its own.
/// </summary>
internal sealed class ToolCallKeys
{
    private readonly Dictionary<string, int> _made = new(StringComparer.Ordinal);

    /// <summary>For example <c>5f2b...c1.1</c>.</summary>
    internal string Next(ToolCall call)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{call.Function.Name}\n{Arguments(call.Function.Arguments)}")))[..32];
        var number = _made[digest] = _made.GetValueOrDefault(digest) + 1;
        return $"{digest}.{number}";
    }

    /// <summary>Without what means nothing: blanks, and the order of the arguments.</summary>
    private static string Arguments(string text)
    {
        try
        {
            var arguments = JsonSerializer.Deserialize<JsonElement>(text);
            return arguments.ValueKind == JsonValueKind.Object
                ? string.Join(',', arguments.EnumerateObject().OrderBy(each => each.Name, StringComparer.Ordinal).Select(each => $"{JsonSerializer.Serialize(each.Name)}:{JsonSerializer.Serialize(each.Value)}"))
                : text;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException)
        {
            // The call will be refused; it needs no better key.
            return text;
        }
    }
}
