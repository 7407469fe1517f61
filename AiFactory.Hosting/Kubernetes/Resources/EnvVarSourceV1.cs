namespace Aspire.Hosting.Kubernetes.Resources;

public sealed class EnvVarSourceV1
{
    public SecretKeySelectorV1? SecretKeyRef { get; set; }

    public ObjectFieldSelectorV1? FieldRef { get; set; }
}
