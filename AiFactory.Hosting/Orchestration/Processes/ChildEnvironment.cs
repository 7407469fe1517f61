using System.Collections;

namespace AiFactory.Hosting.Orchestration.Processes;

/// <summary>
/// The part of the AppHost's environment that its children get. Its own settings stay with it: the secrets among them, and those that would
/// tell a service to behave like the AppHost.
/// </summary>
internal static class ChildEnvironment
{
    private static readonly string[] KeptBackPrefixes =
    [
        "Parameters__", "Parameters:", "ConnectionStrings__", "ConnectionStrings:", "services__", "services:", "AppHost__", "AppHost:",
        "ASPIRE_", "DASHBOARD__", "DOTNET_DASHBOARD_", "OTEL_", "DOTNET_RESOURCE_SERVICE_",
    ];

    private static readonly HashSet<string> KeptBack = new(StringComparer.OrdinalIgnoreCase)
    {
        "ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "DOTNET_URLS", "URLS", "HTTP_PORTS", "HTTPS_PORTS", "PORT",
        "DOTNET_LAUNCH_PROFILE", "ASPNETCORE_HOSTINGSTARTUPASSEMBLIES", "DOTNET_STARTUP_HOOKS",
    };

    public static Dictionary<string, string> Of(IDictionary own, IReadOnlyDictionary<string, string> resource)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in own)
        {
            if (entry is { Key: string name, Value: string value } && IsInherited(name))
            {
                result[name] = value;
            }
        }

        foreach (var (name, value) in resource)
        {
            result[name] = value;
        }

        return result;
    }

    private static bool IsInherited(string name)
        => !KeptBack.Contains(name) && !KeptBackPrefixes.Any(p => name.StartsWith(p, StringComparison.OrdinalIgnoreCase));
}
