using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AiFactory.Builder.Steps;

/// <summary>A place in a JSON value: <c>items[0].name</c>. Of JSONPath (RFC 9535) the part that names one value.</summary>
internal sealed partial class JsonPath
{
    private readonly IReadOnlyList<string> _parts;

    private JsonPath(IReadOnlyList<string> parts) => _parts = parts;

    internal static bool TryParse(string text, [NotNullWhen(true)] out JsonPath? path)
    {
        var plain = text.StartsWith("$.", StringComparison.Ordinal) ? text[2..] : text;
        path = Form().IsMatch(plain) ? new JsonPath([.. Part().Matches(plain).Select(match => match.Value)]) : null;
        return path is not null;
    }

    internal JsonElement? Find(JsonElement root)
    {
        var value = root;
        foreach (var part in _parts)
        {
            if (part[0] == '[')
            {
                var index = int.Parse(part[1..^1], CultureInfo.InvariantCulture);
                if (value.ValueKind != JsonValueKind.Array || index >= value.GetArrayLength())
                {
                    return null;
                }

                value = value[index];
            }
            else if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(part, out value))
            {
                return null;
            }
        }

        return value;
    }

    [GeneratedRegex(@"\A(\[\d{1,6}\]|[^.\[\]]+)(\.[^.\[\]]+|\[\d{1,6}\])*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();

    [GeneratedRegex(@"\[\d+\]|[^.\[\]]+", RegexOptions.CultureInvariant)]
    private static partial Regex Part();
}
