using System.Text.RegularExpressions;

namespace Aspire.Hosting.Kubernetes;

/// <summary>What Chart.yaml says.</summary>
public sealed partial class HelmChartOptions
{
    private readonly KubernetesEnvironmentResource _environment;

    internal HelmChartOptions(KubernetesEnvironmentResource environment) => _environment = environment;

    public HelmChartOptions WithChartName(string name)
    {
        if (!Name().IsMatch(name))
        {
            throw new ArgumentException($"'{name}' is no name of a chart: lower-case letters, digits and hyphens.", nameof(name));
        }

        _environment.HelmChartName = name;
        return this;
    }

    public HelmChartOptions WithChartVersion(string version)
    {
        if (!SemanticVersion().IsMatch(version))
        {
            throw new ArgumentException($"'{version}' is no version of a chart: a semantic version, such as 1.0.0.", nameof(version));
        }

        _environment.HelmChartVersion = version;
        return this;
    }

    public HelmChartOptions WithChartDescription(string description)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(description);
        _environment.HelmChartDescription = description;
        return this;
    }

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,51}[a-z0-9])?$")]
    private static partial Regex Name();

    [GeneratedRegex(@"^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$")]
    private static partial Regex SemanticVersion();
}
