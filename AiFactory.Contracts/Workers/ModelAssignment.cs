namespace AiFactory.Contracts.Workers;

/// <summary>One model that a worker is to serve.</summary>
/// <param name="Deployment">The name that clients send as <c>model</c>.</param>
/// <param name="Task"><c>chat</c> or <c>embedding</c>.</param>
/// <param name="ObjectKey">Where the weights lie in object storage.</param>
/// <param name="Digest"><c>sha256:</c> and lower-case hex; the worker verifies it.</param>
/// <param name="ContextLength">Tokens of context for one request; the model's own when null.</param>
/// <param name="Slots">Sequences decoded at once; the worker's default when null.</param>
public sealed record ModelAssignment(
    Guid DeploymentId,
    string Project,
    string Deployment,
    string Model,
    int ModelVersion,
    string Task,
    string ObjectKey,
    string Digest,
    long SizeBytes,
    int? ContextLength,
    int? Slots)
{
    /// <summary>All files of a model that comes in several, in their order, with <see cref="ObjectKey"/> the first of them; null when it is one file.</summary>
    public IReadOnlyList<ModelPart>? Parts { get; init; }

    /// <summary>One of <see cref="Quantizations"/>, which the worker packs the weights as before it loads them; null serves them as they are.</summary>
    public string? Quantization { get; init; }
}
