namespace AiFactory.ServiceDefaults.Identity;

/// <summary>Everything that a caller can be allowed to do. A route names one of these.</summary>
public static class Permissions
{
    public const string ProjectsRead = "projects.read";
    public const string ProjectsWrite = "projects.write";
    public const string KeysRead = "keys.read";
    public const string KeysWrite = "keys.write";
    public const string ModelsRead = "models.read";
    public const string ModelsWrite = "models.write";
    public const string ModelsApprove = "models.approve";
    public const string DeploymentsRead = "deployments.read";
    public const string DeploymentsWrite = "deployments.write";
    public const string UpstreamsRead = "upstreams.read";

    /// <summary>An admin's alone: what goes to an upstream leaves the site, and no approval stands before it.</summary>
    public const string UpstreamsWrite = "upstreams.write";
    public const string GuardrailsRead = "guardrails.read";
    public const string GuardrailsWrite = "guardrails.write";
    public const string WorkersRead = "workers.read";
    public const string AuditRead = "audit.read";
    public const string UsageRead = "usage.read";
    public const string LimitsWrite = "limits.write";
    public const string InferenceInvoke = "inference.invoke";
    public const string FlowsRead = "flows.read";
    public const string FlowsWrite = "flows.write";
    public const string FlowsRun = "flows.run";
    public const string KnowledgeRead = "knowledge.read";
    public const string KnowledgeWrite = "knowledge.write";
    public const string ThreadsRead = "threads.read";
    public const string ThreadsWrite = "threads.write";

    /// <summary>For the gateway only: the routing snapshot names every key's hash.</summary>
    public const string SnapshotRead = "snapshot.read";

    /// <summary>For the gateway only: what it tells moves requests from one model to another.</summary>
    public const string RolloutsReport = "rollouts.report";

    /// <summary>For workers only.</summary>
    public const string WorkersHeartbeat = "workers.heartbeat";
}
