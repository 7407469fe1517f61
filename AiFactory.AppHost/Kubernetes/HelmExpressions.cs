using System.Text.RegularExpressions;

namespace AiFactory.AppHost.Kubernetes;

/// <summary>
/// The chart's expressions. Strings in them stand between backquotes: whichever way a writer of YAML quotes, Helm reads them.
/// </summary>
internal static partial class HelmExpressions
{
    private const string Username = "_username";

    /// <summary>Settings that all services share, by the name of the parameter that carries them in the model.</summary>
    private static readonly Dictionary<string, string> Shared = new(StringComparer.Ordinal)
    {
        ["postgres_host"] = "{{ include `aifactory.postgres.host` . }}",
        ["postgres_port"] = "{{ .Values.postgres.port }}",
        ["postgres_parameters"] = "{{ with .Values.postgres.parameters }};{{ . }}{{ end }}",
        ["objects_endpoint"] = "{{ .Values.objectStorage.endpoint }}",
        ["objects_bucket"] = "{{ .Values.objectStorage.bucket }}",
        ["objects_region"] = "{{ .Values.objectStorage.region }}",
    };

    public static bool IsShared(string parameter) => SharedOf(parameter) is not null;

    public static string Namespace(string area) => $"{{{{ include `aifactory.namespace` (dict `root` . `area` `{area}`) }}}}";

    public static string Image(string section) => $"{{{{ include `aifactory.image` (dict `root` . `image` .Values.{section}.image) }}}}";

    public static string ServiceAccount(FactoryService service) => $"{{{{ include `aifactory.serviceAccountName` (dict `name` `{service.Name}` `account` .Values.{service.Section}.serviceAccount) }}}}";

    /// <summary>Addresses get the namespace of their Service, shared settings their one place.</summary>
    public static string Rewrite(string text, Factory factory) => Setting().Replace(
        ServiceHost().Replace(text, match => factory.Services.FirstOrDefault(service => service.Name == match.Groups["name"].Value) is { } service
            ? $"{service.Address}.{Namespace(service.Layout.Area)}.svc"
            : match.Value),
        match => SharedOf(match.Groups["name"].Value) ?? match.Value);

    // A database has an owner of its own: librarydb_username.
    private static string? SharedOf(string parameter) => parameter.EndsWith(Username, StringComparison.Ordinal)
        ? $"{{{{ .Values.postgres.usernames.{parameter[..^Username.Length]} }}}}"
        : Shared.GetValueOrDefault(parameter);

    // {{ .Values.config.library.postgres_host }}
    [GeneratedRegex(@"\{\{ \.Values\.config\.\w+\.(?<name>\w+) \}\}")]
    private static partial Regex Setting();

    // library-service, as in http://library-service:8080
    [GeneratedRegex("(?<=//|@|=|^)(?<name>[a-z0-9-]+)-service(?=[:/;]|$)")]
    private static partial Regex ServiceHost();
}
