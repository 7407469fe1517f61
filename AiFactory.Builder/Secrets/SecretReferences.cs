using System.Text.Json;
using System.Text.RegularExpressions;
using AiFactory.Builder.Templates;

namespace AiFactory.Builder.Secrets;

/// <summary>
/// Secrets by their names, <c>Bearer {{secret.github}}</c>. A graph never changes and every viewer of the project reads it, so a secret itself has no place in it.
/// </summary>
internal static partial class SecretReferences
{
    /// <summary>What a reader sees where a secret stands in clear text; it is no value to be kept.</summary>
    internal const string Hidden = "***";

    private const string WayOut = "write {{secret.NAME}} in its place, and have who runs the factory set Builder:Secrets:NAME";

    /// <summary>Parts of names of headers by which services know their callers, without hyphens.</summary>
    private static readonly string[] Telling =
        ["authorization", "authentication", "cookie", "token", "secret", "password", "credential", "signature", "apikey", "xauth"];

    /// <summary>Whole names in an address; there 'sort_key' is no secret.</summary>
    private static readonly string[] TellingInAddress = ["key", "accesskey", "authkey", "subscriptionkey", "auth", "sig", "pwd"];

    internal static bool IsName(string text) => Name().IsMatch(text);

    /// <summary>What is wrong with a header, in a sentence, when it seems to hold a secret itself; null when nothing is.</summary>
    internal static string? Complaint(string name, string value)
    {
        if (value.Length == 0)
        {
            return null;
        }

        if ((IsTelling(name) || Scheme().IsMatch(value) || value == Hidden) && !Whole().IsMatch(value))
        {
            return $"The header '{name}' holds a secret, which would be kept for others to read: {WayOut}, for example \"Bearer {{{{secret.github}}}}\".";
        }

        return value.Contains("{{secret", StringComparison.OrdinalIgnoreCase) && !TemplateText.Secrets(value).Any() ? $"The header '{name}' names no secret: {WayOut}." : null;
    }

    /// <summary>The same of each header, in whatever form they are written.</summary>
    internal static string? Complaint(JsonElement headers) =>
        HeaderPairs.Of(headers).Select(pair => Complaint(pair.Key, pair.Value)).FirstOrDefault(found => found is not null)
        ?? (IsTelling(HeaderPairs.Rest(headers)) ? "Headers are a JSON object of texts, and a secret is written as {{secret.NAME}}." : null);

    /// <summary>The same of an address, <c>https://a.example/?api_key=...</c>; its places, <c>{{text}}</c> or <c>{city}</c>, are filled later and hold nothing.</summary>
    internal static string? AddressComplaint(string url)
    {
        var plain = TemplateText.Fill(url, _ => "", _ => "", _ => "");
        return User().IsMatch(plain)
            ? "An address must not hold a user's name or password: use a header."
            : Query().Matches(plain)
                .Where(match => IsTellingInAddress(Uri.UnescapeDataString(match.Groups["name"].Value)))
                .Select(match => $"The address holds a secret in '{match.Groups["name"].Value}', which would be kept for others to read: {WayOut}.")
                .FirstOrDefault();
    }

    /// <summary>Whether a text names a secret in a way that none is named: it would be sent as it stands.</summary>
    internal static bool IsMisspelt(string text) => TemplateText.Fill(text, secret: _ => "").Contains("{{secret.", StringComparison.OrdinalIgnoreCase);

    private static bool IsTelling(string text)
    {
        var plain = Plain(text);
        return Telling.Any(part => plain.Contains(part, StringComparison.OrdinalIgnoreCase))
            || (plain.EndsWith("key", StringComparison.OrdinalIgnoreCase) && !plain.Equals("IdempotencyKey", StringComparison.OrdinalIgnoreCase));
    }

    private static bool IsTellingInAddress(string name)
    {
        var plain = Plain(name);
        return Telling.Any(part => plain.Contains(part, StringComparison.OrdinalIgnoreCase)) || TellingInAddress.Contains(plain, StringComparer.OrdinalIgnoreCase);
    }

    private static string Plain(string text) => text.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    /// <summary>A reference with at most a scheme or a cookie's name before it.</summary>
    [GeneratedRegex(@"\A([A-Za-z][A-Za-z0-9_.-]{0,40}[ =])?" + TemplateText.SecretPlace + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex Whole();

    /// <summary>A part of an address's query or fragment whose value is more than a number (max_tokens=100) or a yes or no.</summary>
    [GeneratedRegex(@"[?&;#](?<name>[^=&;#?]+)=(?!([0-9]{1,12}|true|false)?(?:[&;#]|\z))", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Query();

    /// <summary><c>https://ada:password@a.example</c></summary>
    [GeneratedRegex(@":[/\\]{2}[^/\\?#]*@", RegexOptions.CultureInvariant)]
    private static partial Regex User();

    [GeneratedRegex(@"\A\s*(basic|bearer|digest|negotiate|token)\s+\S", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Scheme();
}
