namespace AiFactory.Hosting.Tests.Kubernetes;

/// <summary>The validator of the chart's objects finds what an API server refuses.</summary>
public sealed class SchemaValidatorTests
{
    private static readonly Dictionary<string, string> Versions = new(StringComparer.Ordinal)
    {
        ["Cluster"] = "postgresql.cnpg.io/v1",
        ["InferenceService"] = "serving.kserve.io/v1beta1",
        ["NetworkPolicy"] = "networking.k8s.io/v1",
        ["PodDisruptionBudget"] = "policy/v1",
        ["PriorityClass"] = "scheduling.k8s.io/v1",
        ["ResourceQuota"] = "v1",
        ["Secret"] = "v1",
    };

    [Fact]
    public void A_validator_that_lets_all_pass_would_be_noticed()
    {
        var validator = new SchemaValidator();
        var manifest = Manifests.Parse("""
            apiVersion: apps/v1
            kind: Deployment
            metadata: { name: x, label: {} }
            spec:
              replicas: "2"
              selector: { matchLabels: { a: b } }
              template: { spec: { containers: [{ name: c, image: i, resource: {} , env: [{ value: v }] }], volumes: null } }
            """)[0];
        validator.Faults(manifest).ShouldBe(
            [
                "Deployment/x.metadata: unknown field 'label'",
                "Deployment/x.spec.replicas: must be integer, not \"2\"",
                "Deployment/x.spec.template.spec.containers[0]: unknown field 'resource'",
                "Deployment/x.spec.template.spec.containers[0].env[0]: 'name' is missing",
                "Deployment/x.spec.template.spec.volumes: null",
            ],
            ignoreOrder: true);
    }

    [Theory]
    [InlineData("Cluster", "metadata: { name: x, label: {} }, spec: { instances: 1 }", "Cluster/x.metadata: unknown field 'label'")]
    [InlineData("InferenceService", "metadata: { name: x, annotation: { a: b } }", "InferenceService/x.metadata: unknown field 'annotation'")]
    [InlineData("InferenceService", "metadata: { name: x, annotations: { a: true } }", "InferenceService/x.metadata.annotations.a: must be string, not true")]
    [InlineData("Secret", "type: Opaque", "Secret/.metadata: null")]
    [InlineData("Secret", "metadata: { name: Upper }", "Secret/Upper.metadata.name: \"Upper\" is against pattern")]
    [InlineData("Secret", "metadata: { name: x, labels: { a: b/c } }", "Secret/x.metadata.labels.a: \"b/c\" is against pattern")]
    [InlineData("Secret", "metadata: { name: x, labels: { -a: b } }", "Secret/x.metadata.labels: {\"-a\":\"b\"} is against propertyNames")]
    [InlineData("Secret", "metadata: { name: x }, data: { a: plain text }", "Secret/x.data.a: \"plain text\" is against format")]
    [InlineData("PodDisruptionBudget", "metadata: { name: x }, spec: { maxUnavailable: 0.5 }", "PodDisruptionBudget/x.spec.maxUnavailable: must be a whole number or a text, not 0.5")]
    [InlineData("PodDisruptionBudget", "metadata: { name: x }, spec: { maxUnavailable: true }", "PodDisruptionBudget/x.spec.maxUnavailable: must be a whole number or a text, not true")]
    [InlineData("PodDisruptionBudget", "metadata: { name: x }, spec: { maxUnavailable: {} }", "PodDisruptionBudget/x.spec.maxUnavailable: must be a whole number or a text, not {}")]
    [InlineData("ResourceQuota", "metadata: { name: x }, spec: { hard: { requests.cpu: lots } }", "ResourceQuota/x.spec.hard.requests.cpu: \"lots\" is against pattern")]
    [InlineData("InferenceService", "metadata: { name: x }, spec: { predictor: { model: { modelFormat: { name: gguf }, resources: { limits: { cpu: 0.5 } } } } }", "InferenceService/x.spec.predictor.model.resources.limits.cpu: must be a whole number or a text, not 0.5")]
    [InlineData("InferenceService", "metadata: { name: x }, spec: { predictor: { model: { modelFormat: { name: gguf }, resources: { limits: { cpu: 4 cores } } } } }", "InferenceService/x.spec.predictor.model.resources.limits.cpu: \"4 cores\" is against pattern")]
    [InlineData("Cluster", "metadata: { name: x }, spec: { instances: 0 }", "Cluster/x.spec.instances: 0 is against minimum 1")]
    [InlineData("Cluster", "metadata: { name: x }, spec: { instances: 1, bootstrap: { initdb: { walSegmentSize: 2048 } } }", "Cluster/x.spec.bootstrap.initdb.walSegmentSize: 2048 is against maximum 1024")]
    [InlineData("Cluster", "metadata: { name: x }, spec: { instances: 1, postgresql: { extensions: [{ name: '' }] } }", "Cluster/x.spec.postgresql.extensions[0].name: \"\" is against minLength 1")]
    [InlineData("InferenceService", "metadata: { name: x }, spec: { predictor: { storageUris: [] } }", "InferenceService/x.spec.predictor.storageUris: [] is against minItems 1")]
    [InlineData("PriorityClass", "metadata: { name: x }, value: 3000000000", "PriorityClass/x.value: 3000000000 is against format")]
    [InlineData("NetworkPolicy", "metadata: { name: x }, spec: { podSelector: {}, policyTypes: Egress }", "NetworkPolicy/x.spec.policyTypes: must be array, not \"Egress\"")]
    public void What_an_API_server_refuses_is_a_fault(string kind, string fields, string fault)
    {
        var faults = new SchemaValidator().Faults(Manifests.Parse($"{{ apiVersion: {Versions[kind]}, kind: {kind}, {fields} }}")[0]);
        faults.ShouldContain(found => found.StartsWith(fault, StringComparison.Ordinal), string.Join('\n', faults));
    }
}
