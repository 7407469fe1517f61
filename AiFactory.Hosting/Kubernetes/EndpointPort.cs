using Aspire.Hosting.ApplicationModel;

namespace AiFactory.Hosting.Kubernetes;

/// <param name="Number">The default; values.yaml may say another.</param>
/// <param name="Protocol">TCP or UDP.</param>
internal sealed record EndpointPort(string Name, string Scheme, int Number, string Protocol)
{
    public string Key => HelmNames.Section($"port_{Name}");

    public string Value(IResource resource) => HelmNames.Value(HelmValues.ParametersSection, resource.Name, Key);

    /// <summary>As a number, where the schema wants one.</summary>
    public string Int(IResource resource) => Value(resource).Replace(" }}", " | int }}", StringComparison.Ordinal);
}
