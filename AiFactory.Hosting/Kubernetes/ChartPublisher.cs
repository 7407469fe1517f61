using System.Text.RegularExpressions;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.JavaScript;
using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Kubernetes.Resources;

namespace AiFactory.Hosting.Kubernetes;

/// <summary>
/// Writes the chart: <c>Chart.yaml</c>, <c>values.yaml</c> and <c>templates/{resource}/{kind}-{name}.yaml</c>, one object a file. The same model gives the same bytes.
/// </summary>
internal sealed partial class ChartPublisher(KubernetesEnvironmentResource environment, string output, WorkloadBuilder workloads)
{
    private readonly Dictionary<string, object> _parameters = [];
    private readonly Dictionary<string, object> _secrets = [];
    private readonly Dictionary<string, object> _config = [];

    public async Task WriteAsync(DistributedApplicationModel model, CancellationToken cancellationToken)
    {
        Prepare();
        foreach (var resource in model.Resources.Where(IsPublished))
        {
            var published = await workloads.BuildAsync(resource, cancellationToken);
            foreach (var customization in resource.Annotations.OfType<KubernetesServiceCustomizationAnnotation>())
            {
                customization.Configure(published);
            }

            await WriteTemplatesAsync(published, cancellationToken);
            Collect(_parameters, published, published.Values.Parameters);
            Collect(_config, published, published.Values.Config);
            if (published.Secret is not null)
            {
                Collect(_secrets, published, published.Values.Secrets);
            }
        }

        await WriteAsync("Chart.yaml", YamlWriter.Write(Chart()), cancellationToken);
        await WriteAsync("values.yaml", YamlWriter.Write(new Dictionary<string, object>
        {
            [HelmValues.ParametersSection] = _parameters,
            [HelmValues.ConfigSection] = _config,
            [HelmValues.SecretsSection] = _secrets,
        }), cancellationToken);
    }

    // A chart of an earlier time makes room; anything else that lies there is somebody's.
    private void Prepare()
    {
        if (Directory.Exists(output) && Directory.EnumerateFileSystemEntries(output).Any())
        {
            if (!File.Exists(Path.Combine(output, "Chart.yaml")))
            {
                throw new DistributedApplicationException($"'{output}' is not empty, and no chart: publish to a folder of its own.");
            }

            var templates = Path.Combine(output, "templates");
            if (Directory.Exists(templates))
            {
                Directory.Delete(templates, recursive: true);
            }
        }

        Directory.CreateDirectory(output);
    }

    private static bool IsPublished(IResource resource) => resource switch
    {
        ProjectResource => true,
        // A web application is files in the image of what serves it.
        JavaScriptAppResource or JavaScriptInstallerResource => false,
        ContainerResource or ExecutableResource => throw new DistributedApplicationException(
            $"'{resource.Name}' ({resource.GetType().Name}) runs on this machine only and cannot be published: name a service of the cluster instead when ExecutionContext.IsPublishMode."),
        _ => false,
    };

    private async Task WriteTemplatesAsync(KubernetesResource published, CancellationToken cancellationToken)
    {
        foreach (var item in published.GetTemplatedResources())
        {
            var name = Expression().Replace(item.Metadata.Name ?? "", "").Trim('-');
            var file = Path.Combine("templates", published.Name, $"{item.Kind?.ToLowerInvariant()}-{name}.yaml");
            if (File.Exists(Path.Combine(output, file)))
            {
                throw new DistributedApplicationException($"'{published.Name}' publishes two objects of kind {item.Kind} and name '{name}'.");
            }

            await WriteAsync(file, YamlWriter.Write(item), cancellationToken);
        }
    }

    private Dictionary<string, object> Chart() => new()
    {
        ["apiVersion"] = "v2",
        ["name"] = environment.HelmChartName,
        ["version"] = environment.HelmChartVersion,
        ["appVersion"] = environment.HelmChartVersion,
        ["description"] = environment.HelmChartDescription,
        ["type"] = "application",
    };

    private static void Collect(Dictionary<string, object> section, KubernetesResource published, Dictionary<string, object> values)
    {
        if (values.Count > 0)
        {
            section[HelmNames.Section(published.Name)] = values;
        }
    }

    private async Task WriteAsync(string file, string text, CancellationToken cancellationToken)
    {
        var path = Path.Combine(output, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? output);
        await File.WriteAllTextAsync(path, text, cancellationToken);
    }

    // {{ .Release.Name }}-critical is filed as critical.
    [GeneratedRegex(@"\{\{.*?\}\}")]
    private static partial Regex Expression();
}
