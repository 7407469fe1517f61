using AiFactory.Contracts;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.Moderations;

/// <summary>The rules of a project as limits and the ledger meet a model: one with no replica, for the gateway itself judges.</summary>
internal static class RuleModel
{
    /// <summary>Stands for the rules where a client has to name a model.</summary>
    public const string Name = "guardrails";

    private static readonly Deployment Shared = Make("", former: null);

    /// <summary>One is made for each request: what it counts, all share, and nobody looks at.</summary>
    public static Deployment Of(string project) => Make(project, Shared);

    private static Deployment Make(string project, Deployment? former) =>
        new(new DeploymentRoute(Guid.Empty, project, Name, "project", ModelTasks.Moderation, Name, 0, "", 0, DateTimeOffset.UnixEpoch, []), [], former);
}
