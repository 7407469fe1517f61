using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Upstreams;

/// <summary>
/// Which headers an upstream may have of its own. Their values are shown to all who read upstreams, and stay in the audit for ever; nobody can list the names that carry a secret somewhere, so
/// only those are taken that carry none anywhere, and those that the settings vouch for.
/// </summary>
internal sealed class ShownHeaders(IOptions<UpstreamsOptions> options)
{
    public const string Setting = $"{UpstreamsOptions.Section}:{nameof(UpstreamsOptions.AllowedHeaders)}";

    /// <summary>Of a header that was kept before its name had to be one of these.</summary>
    private const string Hidden = "***";

    private static readonly string[] Known =
        ["anthropic-beta", "anthropic-version", "azureml-model-deployment", "http-referer", "openai-beta", "openai-organization", "openai-project", "user-agent", "x-title"];

    private readonly HashSet<string> _names = new(Known.Concat(options.Value.AllowedHeaders), StringComparer.OrdinalIgnoreCase);

    internal bool Includes(string name) => _names.Contains(name);

    internal string Complaint(string name) =>
        $"The value of '{name}' would be shown to all who read upstreams, and stay in the audit. Use one of {string.Join(", ", _names.Order(StringComparer.Ordinal))}; the setting {Setting} can name others that never carry a secret. A credential is given under 'credential'.";

    internal SortedDictionary<string, string> Of(UpstreamRow row)
    {
        var headers = UpstreamMapping.Headers(row);
        foreach (var name in headers.Keys.Where(name => !Includes(name)).ToList())
        {
            headers[name] = Hidden;
        }

        return headers;
    }
}
