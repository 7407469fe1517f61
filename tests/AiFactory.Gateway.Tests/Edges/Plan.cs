using System.Security.Cryptography;
using System.Text;
using AiFactory.Contracts.Routing;

namespace AiFactory.Gateway.Tests.Edges;

/// <summary>Builds routing snapshots for tests: two projects, their keys, and the deployments that a test names.</summary>
public sealed record Plan
{
    public const string AdminKey = "aif_admin000000000000000000000000000000000000000";
    public const string DeveloperKey = "aif_developer0000000000000000000000000000000000";
    public const string ViewerKey = "aif_viewer000000000000000000000000000000000000";
    public const string OtherKey = "aif_other0000000000000000000000000000000000000";
    public const string ExpiredKey = "aif_expired00000000000000000000000000000000000";

    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public long Version { get; init; } = 1;

    public DateTimeOffset? PublishedAt { get; init; }

    public IReadOnlyList<ApiKeyRoute> Keys { get; init; } =
    [
        Key(1, AdminKey, "default", true, "admin"),
        Key(2, DeveloperKey, "default", false, "developer"),
        Key(3, ViewerKey, "default", false, "viewer"),
        Key(4, OtherKey, "other", false, "developer"),
        Key(5, ExpiredKey, "default", false, "developer") with { ExpiresAt = Epoch },
    ];

    public IReadOnlyList<DeploymentRoute> Deployments { get; init; } = [];

    /// <summary>Null as an older library has it.</summary>
    public IReadOnlyList<string>? Projects { get; init; }

    public IReadOnlyList<LimitRoute>? Limits { get; init; }

    /// <summary>With a limit of the project <c>default</c>.</summary>
    public Plan Limited(string scope, string measure, string? period, decimal amount, string? owner = null, string? model = null, string name = "test") => this with
    {
        Limits = [.. Limits ?? [], new LimitRoute(Id($"limit {name}"), name, scope == "factory" ? null : "default", scope, owner, model, measure, period, amount)],
    };

    public IReadOnlyList<GuardrailRoute>? Guardrails { get; init; }

    public static Plan Of(params DeploymentRoute[] deployments) => new() { Deployments = deployments };

    /// <summary><c>demo-chat</c> in the project <c>default</c> on these workers.</summary>
    public static Plan Chat(params FakeWorker[] workers) => Of(Deployment("demo-chat", workers));

    public static DeploymentRoute Deployment(string name, params FakeWorker[] workers) => Deployment(name, "default", "chat", "project", workers);

    public static DeploymentRoute Deployment(string name, string project, string task, string visibility, params FakeWorker[] workers) => new(
        Id($"{project}/{name}"), project, name, visibility, task, name, 1, "sha256:00", 4096, Epoch,
        [.. workers.Select(worker => new ReplicaRoute($"127.0.0.1:{worker.Address.Port}", worker.Address.ToString()))]);

    public RoutingSnapshot Snapshot() => new(Version, PublishedAt ?? Epoch.AddSeconds(Version), Keys, Deployments) { Projects = Projects, Limits = Limits, Guardrails = Guardrails };

    private static ApiKeyRoute Key(int number, string key, string project, bool factoryWide, string role) => new(
        Id($"key {number}"), role, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))), project, factoryWide, [role], null);

    private static Guid Id(string text) => new(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
