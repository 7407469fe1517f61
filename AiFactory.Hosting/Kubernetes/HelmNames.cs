namespace AiFactory.Hosting.Kubernetes;

/// <summary>How a resource of the model is called in a chart, as Aspire calls it.</summary>
internal static class HelmNames
{
    /// <summary>A section of values.yaml; Helm's paths take no hyphen.</summary>
    public static string Section(string name) => name.Replace('-', '_');

    public static string Workload(string resource, string kind) => $"{resource.ToLowerInvariant()}-{kind}";

    public static string Service(string resource) => $"{resource.ToLowerInvariant()}-service";

    public static string ConfigMap(string resource) => $"{resource.ToLowerInvariant()}-config";

    public static string Secret(string resource) => $"{resource.ToLowerInvariant()}-secrets";

    public static string Value(string section, string resource, string key) => $"{{{{ .Values.{section}.{Section(resource)}.{Section(key)} }}}}";
}
