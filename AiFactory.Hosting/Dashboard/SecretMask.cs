using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;

namespace AiFactory.Hosting.Dashboard;

/// <summary>
/// Takes secrets out of what is shown, and leaves what is around them:
/// <code>Host=localhost;Port=5432;Password=********     postgresql://postgres:********@localhost:5432/library</code>
/// </summary>
internal sealed partial class SecretMask(IEnumerable<IResource> resources)
{
    internal const string Masked = "********";

    /// <summary>A shorter one may stand in any text by chance; it is masked only where it is the whole value.</summary>
    private const int ShortestInText = 6;

    private readonly Lazy<IReadOnlyList<string>> _secrets = new(() => SecretsOf(resources));

    /// <summary>A text in which secrets may stand.</summary>
    public string HideKnown(string text)
    {
        foreach (var secret in _secrets.Value)
        {
            if (text == secret)
            {
                return Masked;
            }

            if (secret.Length >= ShortestInText)
            {
                text = text.Replace(secret, Masked, StringComparison.Ordinal).Replace(Uri.EscapeDataString(secret), Masked, StringComparison.Ordinal);
            }
        }

        return UserInfo().Replace(Assignment().Replace(text, $"${{name}}{Masked}"), Masked);
    }

    /// <summary>The value of a variable or property.</summary>
    /// <param name="isSensitive">Whether the model says that a secret or a connection string is part of the value.</param>
    public string Hide(string name, string value, bool isSensitive)
    {
        var text = HideKnown(value);
        if (text.Length == 0 || text != value)
        {
            return text;
        }

        return SecretName().IsMatch(name) || (isSensitive && !IsHarmless(value)) ? Masked : text;
    }

    // A connection string none of whose parts is secret: "Directory=/srv/objects", "http://localhost:4566".
    private static bool IsHarmless(string value)
        => Settings().IsMatch(value) || (Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.UserInfo.Length == 0 && uri.Query.Length == 0);

    private static IReadOnlyList<string> SecretsOf(IEnumerable<IResource> resources)
        => [.. resources.OfType<ParameterResource>().Where(p => p.Secret).Select(p => p.Value)
            .Where(value => value.Length > 0).Distinct().OrderByDescending(value => value.Length)];

    // "Password=...", "x-otlp-api-key=..." in a list, an argument or a query.
    [GeneratedRegex("""(?<name>(?:^|[;,?&\s])[^;,?&\s=]*(?:password|passwd|pwd|secret|token|key|sig|signature|credential|authorization)\s*=\s*)(?:"(?:[^"]|"")*"|'(?:[^']|'')*'|[^;,&\s]+)""", RegexOptions.IgnoreCase)]
    private static partial Regex Assignment();

    // "scheme://user:password@host"
    [GeneratedRegex("""(?<=://[^/\s:@]*:)[^/\s@]+(?=@)""")]
    private static partial Regex UserInfo();

    [GeneratedRegex("""(?:password|passwd|pwd|secret|token|key)s?$""", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();

    [GeneratedRegex("""^\s*[\w \-]+=[^;]*(?:;\s*[\w \-]+=[^;]*)*;?\s*$""")]
    private static partial Regex Settings();
}
