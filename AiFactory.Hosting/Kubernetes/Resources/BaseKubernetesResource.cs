namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>
/// An object of a cluster. Its public properties are its fields, their names in camel case, in the order of declaration; a class of one's own
/// derives from this one to publish a kind that has none.
/// </summary>
public abstract class BaseKubernetesResource(string apiVersion, string kind) : BaseKubernetesObject(apiVersion, kind)
{
    public ObjectMetaV1 Metadata { get; set; } = new();
}
