using AiFactory.Builder.Secrets;
using AiFactory.Builder.Templates;

namespace AiFactory.Builder.Tools;

/// <summary>A tool's address with its places for arguments: <c>https://weather.example/cities/{city}?days={days}</c>.</summary>
internal static class ToolUrl
{
    /// <summary>The names of the places.</summary>
    internal static IReadOnlySet<string> Places(string url) => TemplateText.Arguments(url).ToHashSet(StringComparer.Ordinal);

    /// <summary>What is wrong with it, in a sentence; null when nothing is.</summary>
    internal static string? Complaint(string url)
    {
        var scheme = url.IndexOf("://", StringComparison.Ordinal);
        var authority = scheme < 0 ? url : url[..(url.AsSpan(scheme + 3).IndexOfAny('/', '?', '#') is var end and >= 0 ? scheme + 3 + end : url.Length)];
        if (authority.Contains('{', StringComparison.Ordinal))
        {
            return "The host of a tool is fixed: no argument and no secret may stand in it.";
        }

        if (SecretReferences.IsMisspelt(url))
        {
            return "A secret is named {{secret.NAME}}, of letters, digits, '-' and '_': no argument may choose which.";
        }

        var plain = Fill(url, _ => "x", _ => "x");
        if (plain.AsSpan().ContainsAny('{', '}'))
        {
            return "A place for an argument looks like {name}, of letters, digits, '-' and '_', one for a secret like {{secret.NAME}}.";
        }

        return Uri.TryCreate(plain, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https" && parsed.UserInfo.Length == 0
            ? null
            : "The address is http://... or https://..., without a user's name or password.";
    }

    /// <summary>The address with each place filled, escaped so that what stands there never becomes a part of the path or the query by itself.</summary>
    internal static string Fill(string url, Func<string, string> argument, Func<string, string> secret) =>
        TemplateText.Fill(url, argument: argument, secret: secret, encode: Uri.EscapeDataString);
}
