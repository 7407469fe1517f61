using AiFactory.Contracts;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.Flows;

/// <summary>A published flow as the gateway's rooms meet a model: a chat deployment with no replica of its own, for the builder runs it.</summary>
internal static class FlowModel
{
    /// <summary>What the name of every published flow begins with; its alias follows.</summary>
    public const string Prefix = "flow/";

    /// <summary>Stands for a flow that has not answered yet, or does not exist: what a client made up is no label of a metric.</summary>
    public static Deployment Unknown { get; } = Of("flow/unknown", "");

    public static bool IsNamedBy(ReadOnlySpan<char> model) => model.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>One is made for each request: what it counts, all share, and nobody looks at.</summary>
    /// <param name="name">With its prefix, for example <c>flow/support</c>.</param>
    public static Deployment Of(string name, string project) => new(
        new DeploymentRoute(Guid.Empty, project, name, "project", ModelTasks.Chat, name, 0, "", 0, DateTimeOffset.UnixEpoch, []), [], Unknown);
}
