namespace AiFactory.Contracts.Routing;

/// <summary>A deployment that clients may name as <c>model</c>, with the replicas observed ready. It is listed without replicas while none is ready.</summary>
/// <param name="Name">The model id that clients send; unique in its project.</param>
/// <param name="Visibility"><c>project</c> or <c>factory</c>.</param>
/// <param name="Task"><c>chat</c> or <c>embedding</c>.</param>
/// <param name="Model">The library's model name.</param>
/// <param name="ModelVersion">The library's version number of that model.</param>
/// <param name="Digest"><c>sha256:</c> and lower-case hex.</param>
/// <param name="ContextLength">Tokens of context that one request may use; 0 until a worker has said.</param>
public sealed record DeploymentRoute(
    Guid Id,
    string Project,
    string Name,
    string Visibility,
    string Task,
    string Model,
    int ModelVersion,
    string Digest,
    int ContextLength,
    DateTimeOffset CreatedAt,
    IReadOnlyList<ReplicaRoute> Replicas);
