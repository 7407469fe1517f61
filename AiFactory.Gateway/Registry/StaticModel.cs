using System.Security.Cryptography;
using System.Text;
using AiFactory.Contracts.Routing;

namespace AiFactory.Gateway.Registry;

/// <summary>An entry of <c>models.yaml</c>, checked.</summary>
/// <param name="BaseUrl">What the paths of operations are relative to.</param>
/// <param name="InferPath">Where the service takes <c>{model, payload}</c>; null of one that speaks OpenAI's protocol.</param>
/// <param name="Task">One of <see cref="Contracts.ModelTasks"/>, or <see cref="InferTask"/>.</param>
internal sealed record StaticModel(string Name, Uri BaseUrl, string? InferPath, string Task)
{
    /// <summary>Of a service with S1's own contract: <c>POST /api/infer</c> is the only route to it.</summary>
    public const string InferTask = "infer";

    /// <summary>Stands where the snapshot names the project that a deployment belongs to.</summary>
    public const string Project = "models.yaml";

    /// <summary>As a deployment that every project may use. The id depends on the name alone, so that a replica's counts outlive a reload.</summary>
    public DeploymentRoute ToRoute() => new(
        new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{Project}/{Name}")).AsSpan(0, 16)),
        Project,
        Name,
        "factory",
        Task,
        Name,
        1,
        "",
        0,
        DateTimeOffset.UnixEpoch,
        [new ReplicaRoute($"{Project}/{Name}", BaseUrl.ToString())],
        External: true);
}
