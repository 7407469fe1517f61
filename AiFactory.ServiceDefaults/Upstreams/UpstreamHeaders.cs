using AiFactory.Contracts;

namespace AiFactory.ServiceDefaults.Upstreams;

/// <summary>What each kind of upstream is told beside the request: by the library, which tests one, as by the gateway, which asks it.</summary>
public static class UpstreamHeaders
{
    private const string AnthropicVersion = "anthropic-version";

    /// <param name="own">Those that the upstream was given.</param>
    /// <param name="credential">Opened; null where there is none.</param>
    public static IEnumerable<(string Name, string Value)> Of(string kind, IReadOnlyDictionary<string, string>? own, string? credential)
    {
        foreach (var (name, value) in own ?? new Dictionary<string, string>())
        {
            yield return (name, value);
        }

        // https://docs.anthropic.com/en/api/versioning
        if (kind == UpstreamKinds.Anthropic && own?.Keys.Contains(AnthropicVersion, StringComparer.OrdinalIgnoreCase) is not true)
        {
            yield return (AnthropicVersion, "2023-06-01");
        }

        if (credential is not null)
        {
            yield return kind switch
            {
                UpstreamKinds.AzureOpenAI => ("api-key", credential),
                UpstreamKinds.Anthropic => ("x-api-key", credential),
                _ => ("Authorization", $"Bearer {credential}"),
            };
        }
    }
}
