using AiFactory.Contracts.Builder.Flows;

namespace AiFactory.Builder.Flows.Graphs;

/// <summary>Which types of ports an edge may join.</summary>
internal static class PortRules
{
    /// <summary>Besides equal ones: a list is JSON, and JSON may be one, which is seen when the step runs.</summary>
    private static readonly HashSet<(string From, string To)> Also =
        [(PortTypes.List, PortTypes.Json), (PortTypes.Json, PortTypes.List), (PortTypes.Messages, PortTypes.List), (PortTypes.Passages, PortTypes.List)];

    internal static bool Fits(string from, string to) => from == to || from == PortTypes.Any || to == PortTypes.Any || Also.Contains((from, to));
}
