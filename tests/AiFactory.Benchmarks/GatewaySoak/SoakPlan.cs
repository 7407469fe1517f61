using System.Security.Cryptography;
using System.Text;
using AiFactory.Contracts;
using AiFactory.Contracts.Guardrails;
using AiFactory.Contracts.Routing;

namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>Routing snapshots: five projects and what each version of the routes changes.</summary>
internal sealed class SoakPlan(SoakReplicas replicas, decimal budget)
{
    public const string AdminKey = "aif_soakadmin0000000000000000000000000000000000";
    public const string Alpha = "aif_soakalpha0000000000000000000000000000000000";
    public const string Beta = "aif_soakbeta00000000000000000000000000000000000";
    public const string Guarded = "aif_soakguarded00000000000000000000000000000000";
    public const string Limited = "aif_soaklimited00000000000000000000000000000000";
    public const string Spending = "aif_soakspending0000000000000000000000000000000";
    public const string BudgetProject = "spending";

    /// <summary>Requests of the project that has such a limit.</summary>
    public const int PerMinute = 60;

    private const int Bystanders = 50;
    private const int GuardrailsEvery = 6;
    private const decimal Plenty = 1_000_000_000;

    private static readonly DateTimeOffset Day = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public RoutingSnapshot Snapshot(long version)
    {
        var rules = (int)(version / GuardrailsEvery);
        return new RoutingSnapshot(version, Day.AddSeconds(version), [.. Keys(), .. Bystanding().Select(n => Key($"aif_bystander{n}_{version % 3}", "alpha"))], [.. Deployments(version)])
        {
            Projects = ["alpha", "beta", "guarded", "limited", BudgetProject],
            Limits =
            [
                Limit("per-minute", "limited", LimitScopes.Project, LimitMeasures.Requests, LimitPeriods.Minute, PerMinute),
                Limit("at-once", "alpha", LimitScopes.Project, LimitMeasures.Concurrency, null, 10_000 + (version % 2)),
                Limit("tokens", "alpha", LimitScopes.Key, LimitMeasures.Tokens, LimitPeriods.Day, Plenty),
                Limit("money", "beta", LimitScopes.Project, LimitMeasures.Cost, LimitPeriods.Month, 1_000_000),
                Limit("budget", BudgetProject, LimitScopes.Project, LimitMeasures.Cost, LimitPeriods.Total, budget),
            ],
            Guardrails =
            [
                new GuardrailRoute("guarded", null, 1 + rules, [
                    new GuardrailRule { Name = "no-secrets", Kind = GuardrailKinds.Pattern, Action = GuardrailActions.Block, Pattern = $"forbidden-[0-9]{{4}}|never-{rules}" },
                    new GuardrailRule { Name = "no-mail", Kind = GuardrailKinds.Pii, Action = GuardrailActions.Mask, Entities = ["email"] },
                ]),
            ],
        };
    }

    private static IEnumerable<int> Bystanding() => Enumerable.Range(0, Bystanders);

    private static IEnumerable<ApiKeyRoute> Keys() =>
    [
        Key(AdminKey, "alpha") with { FactoryWide = true, Roles = ["admin"] },
        Key(Alpha, "alpha"),
        Key(Beta, "beta"),
        Key(Guarded, "guarded"),
        Key(Limited, "limited"),
        Key(Spending, BudgetProject),
    ];

    private IEnumerable<DeploymentRoute> Deployments(long version) =>
    [
        Chat("chat", replicas.First, replicas.Second),
        Chat("cached", replicas.First) with { Cache = new CachePolicy { Responses = true, Ttl = TimeSpan.FromMinutes(1) } },
        Chat("faulty", replicas.First, replicas.Second, replicas.Faulty),
        Chat("garbled", replicas.First, replicas.Garbage),
        Chat("dead", replicas.Dead),
        Chat("hung", replicas.Hung),
        Chat("returning", replicas.First, replicas.Returning),
        Chat("hedged", replicas.Slow, replicas.First) with { Routing = new RoutingPolicy { HedgeAfter = TimeSpan.FromMilliseconds(200) } },
        Chat("covered", replicas.Dead) with { Traffic = new TrafficPolicy { Fallbacks = ["chat"] } },
        Chat("canary", replicas.First) with { Traffic = new TrafficPolicy { Splits = [new TrafficSplit("chat", 30)], Shadow = new TrafficSplit("returning", 10) } },
        Route("embed", ModelTasks.Embedding, replicas.First, replicas.Second),
        Route("embed-cached", ModelTasks.Embedding, replicas.First) with { Cache = new CachePolicy { Embeddings = true, Ttl = TimeSpan.FromMinutes(1) } },
        .. Bystanding().Select(n => Chat($"bystander-{n}-{(version + n) % 5}", replicas.Second)),
    ];

    private static DeploymentRoute Chat(string name, params Uri[] at) => Route(name, ModelTasks.Chat, at);

    private static DeploymentRoute Route(string name, string task, params Uri[] at) => new(
        Id($"deployment {name}"), "alpha", name, "factory", task, "soak", 1, "sha256:00", 4096, Day, [.. at.Select(one => new ReplicaRoute($"127.0.0.1:{one.Port}", one.ToString()))]);

    private static ApiKeyRoute Key(string key, string project) => new(
        Id($"key {key}"), key[4..12], Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))), project, false, ["developer"], null);

    private static LimitRoute Limit(string name, string project, string scope, string measure, string? period, decimal amount) =>
        new(Id($"limit {name}"), name, project, scope, null, null, measure, period, amount);

    private static Guid Id(string text) => new(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
