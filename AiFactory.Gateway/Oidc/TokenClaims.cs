using System.Text.Json;

namespace AiFactory.Gateway.Oidc;

/// <summary>What a verified token says.</summary>
/// <param name="Groups">Null where it says nothing of groups.</param>
internal sealed record TokenClaims(string Subject, IReadOnlyList<string>? Groups, DateTimeOffset ExpiresAt)
{
    /// <summary>OpenID Connect Core 1.0, section 2.</summary>
    private const int LongestSubject = 255;

    /// <summary>Null when what every token must say is missing or cannot be.</summary>
    public static TokenClaims? Read(JsonElement root, string groupsClaim) =>
        ReadSubject(root) is { } subject && ReadTime(root, "exp") is { } end ? new TokenClaims(subject, ReadGroups(root, groupsClaim), end) : null;

    public static string? ReadSubject(JsonElement root) =>
        root.TryGetProperty("sub"u8, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= LongestSubject } subject && !subject.Any(char.IsControl)
            ? subject
            : null;

    /// <summary>Seconds since 1970, which may have a fraction (RFC 7519, section 2).</summary>
    public static DateTimeOffset? ReadTime(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is >= 0 and <= 1e11
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;

    /// <summary>One audience, or several.</summary>
    public static bool IsFor(JsonElement root, string audience) => root.TryGetProperty("aud"u8, out var value) && value.ValueKind switch
    {
        JsonValueKind.String => value.ValueEquals(audience),
        JsonValueKind.Array => value.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && one.ValueEquals(audience)),
        _ => false,
    };

    /// <summary>The claim of this name, which may have dots in it; else the member at the end of this path.</summary>
    public static IReadOnlyList<string>? ReadGroups(JsonElement root, string claim)
    {
        if (!root.TryGetProperty(claim, out var value))
        {
            value = root;
            foreach (var step in claim.Split('.'))
            {
                if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(step, out value))
                {
                    return null;
                }
            }
        }

        return value.ValueKind switch
        {
            JsonValueKind.String => [value.GetString() ?? ""],
            JsonValueKind.Array => [.. value.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.String).Select(one => one.GetString() ?? "")],
            _ => null,
        };
    }
}
