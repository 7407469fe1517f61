using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Net.Sockets;
using System.Text.Json;

namespace AiFactory.ServiceDefaults.Schemas;

/// <summary>Texts: their length in characters of Unicode, patterns and formats.</summary>
internal static class SchemaString
{
    private static readonly Dictionary<string, Func<string, bool>> Formats = new(StringComparer.Ordinal)
    {
        ["date"] = text => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        ["time"] = text => IsMoment($"2000-01-01T{text}"),
        ["date-time"] = IsMoment,
        ["uuid"] = text => Guid.TryParseExact(text, "D", out _),
        ["email"] = text => text.Length <= 320 && !text.Contains(' ', StringComparison.Ordinal) && MailAddress.TryCreate(text, out var address) && address.Address == text,
        ["hostname"] = text => Uri.CheckHostName(text) == UriHostNameType.Dns,
        ["ipv4"] = text => text.Count(letter => letter == '.') == 3 && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork,
        ["ipv6"] = text => text.Contains(':', StringComparison.Ordinal) && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6,
        ["uri"] = text => Uri.TryCreate(text, UriKind.Absolute, out _),
    };

    /// <summary>Characters; what is longer is of no form that there is.</summary>
    private const int LongestFormatted = 64 * 1024;

    public static void ReadShortest(SchemaPlace place)
    {
        var least = place.Count();
        place.Add((value, _) => Length(value) < least ? new SchemaFault("is too short") : null);
    }

    public static void ReadLongest(SchemaPlace place)
    {
        var most = place.Count();
        place.Add((value, _) => Length(value) > most ? new SchemaFault("is too long") : null);
    }

    public static void ReadPattern(SchemaPlace place)
    {
        var pattern = place.Reader.Pattern(place.Text(), place.KeywordPath);
        place.Add((value, run) => value.ValueKind != JsonValueKind.String || run.Has(value.GetString() ?? "", pattern)
            ? null
            : new SchemaFault("does not have the form of its pattern"));
    }

    public static void ReadFormat(SchemaPlace place)
    {
        var name = place.Text();
        if (!Formats.TryGetValue(name, out var isOf))
        {
            throw place.Complain($"the format '{name}' cannot be held to: there are {string.Join(", ", Formats.Keys)}");
        }

        place.Add((value, _) => value.ValueKind != JsonValueKind.String || (value.GetString() is { Length: <= LongestFormatted } text && isOf(text)) ? null : new SchemaFault($"is no {name}"));
    }

    /// <summary>Null of what is no text.</summary>
    private static int? Length(JsonElement value) => value.ValueKind == JsonValueKind.String ? (value.GetString() ?? "").EnumerateRunes().Count() : null;

    /// <summary>RFC 3339: with its zone, which the framework would do without.</summary>
    private static bool IsMoment(string text) =>
        text.Length > 19 && text[10] is 'T' or 't' && (text[^1] is 'Z' or 'z' || text[^6] is '+' or '-') && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out _);
}
