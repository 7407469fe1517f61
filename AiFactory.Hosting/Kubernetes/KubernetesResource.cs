using AiFactory.Hosting.Kubernetes;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes.Resources;

namespace Aspire.Hosting.Kubernetes;

/// <summary>What a resource of the model becomes in a cluster; <c>PublishAsKubernetesService</c> may change all of it.</summary>
public class KubernetesResource(string name, IResource resource, KubernetesEnvironmentResource kubernetesEnvironmentResource) : Resource(name), IResourceWithParent<KubernetesEnvironmentResource>
{
    public KubernetesEnvironmentResource Parent => kubernetesEnvironmentResource;

    public Workload? Workload { get; set; }

    public ConfigMap? ConfigMap { get; set; }

    public Secret? Secret { get; set; }

    public Service? Service { get; set; }

    public List<BaseKubernetesResource> AdditionalResources { get; } = [];

    internal IResource TargetResource => resource;

    internal HelmValues Values { get; } = new();

    /// <summary>The selector of its pods, and the labels of all that belongs to it.</summary>
    internal Dictionary<string, string> Labels { get; } = new()
    {
        ["app.kubernetes.io/name"] = "{{ .Chart.Name }}",
        ["app.kubernetes.io/component"] = resource.Name,
        ["app.kubernetes.io/instance"] = "{{ .Release.Name }}",
    };

    internal IEnumerable<BaseKubernetesResource> GetTemplatedResources()
    {
        foreach (var additional in AdditionalResources)
        {
            foreach (var (key, value) in Labels)
            {
                additional.Metadata.Labels.TryAdd(key, value);
            }
        }

        return new BaseKubernetesResource?[] { Workload, ConfigMap, Secret, Service }.OfType<BaseKubernetesResource>().Concat(AdditionalResources);
    }
}
