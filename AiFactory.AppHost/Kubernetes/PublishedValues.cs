using System.Text.RegularExpressions;

namespace AiFactory.AppHost.Kubernetes;

/// <summary>
/// The model's own settings in the published values.yaml, by service:
/// <code>
/// config:
///   library:
///     Seed__Project: "default"
/// </code>
/// without those that all services share, which have a place of their own.
/// </summary>
internal sealed partial class PublishedValues
{
    public SortedDictionary<string, SortedDictionary<string, string>> Config { get; } = new(StringComparer.Ordinal);

    public static async Task<PublishedValues> ReadAsync(string file, CancellationToken cancellationToken)
    {
        var values = new PublishedValues();
        string? top = null, service = null;
        foreach (var line in await File.ReadAllLinesAsync(file, cancellationToken))
        {
            if (Top().Match(line) is { Success: true } section)
            {
                top = section.Groups["name"].Value;
            }
            else if (Second().Match(line) is { Success: true } second)
            {
                service = second.Groups["name"].Value;
            }
            else if (top == "config" && service is not null && Third().Match(line) is { Success: true } setting && !HelmExpressions.IsShared(setting.Groups["name"].Value))
            {
                values.Of(service)[setting.Groups["name"].Value] = setting.Groups["value"].Value;
            }
        }

        return values;
    }

    private SortedDictionary<string, string> Of(string service)
    {
        if (!Config.TryGetValue(service, out var settings))
        {
            Config[service] = settings = new SortedDictionary<string, string>(StringComparer.Ordinal);
        }

        return settings;
    }

    [GeneratedRegex(@"^""?(?<name>\w+)""?:")]
    private static partial Regex Top();

    [GeneratedRegex(@"^  ""?(?<name>\w+)""?:")]
    private static partial Regex Second();

    [GeneratedRegex(@"^    ""?(?<name>\w+)""?: (?<value>.*)$")]
    private static partial Regex Third();
}
