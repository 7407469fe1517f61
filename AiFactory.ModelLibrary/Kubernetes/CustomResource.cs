namespace AiFactory.ModelLibrary.Kubernetes;

/// <summary>An object of a kind that a CustomResourceDefinition makes.</summary>
/// <param name="Spec">Null where only the status is written.</param>
/// <param name="Status">Null where only the spec is written: each has its own route.</param>
internal sealed record CustomResource<TSpec, TStatus>(string ApiVersion, string Kind, ObjectMetadata Metadata, TSpec? Spec = null, TStatus? Status = null)
    where TSpec : class
    where TStatus : class;
