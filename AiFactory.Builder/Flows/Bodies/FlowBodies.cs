using System.Collections.Immutable;
using AiFactory.Builder.Flows.Graphs;
using AiFactory.Builder.Runs;
using AiFactory.Builder.Steps;
using AiFactory.Contracts.Builder.Flows;
using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Flows.Bodies;

/// <summary>The flows that a graph's steps run, and the flows that those run: chooses a revision of each, and says why it cannot.</summary>
internal sealed class FlowBodies(FlowStore flows, GraphValidator validator, StepCatalogue catalogue, IOptions<RunOptions> options)
{
    /// <param name="self">The graph's own flow, which must not come again; null when that is not known.</param>
    internal async Task<BodyResolution> ResolveAsync(string project, string? self, FlowGraph graph, CancellationToken cancellationToken)
    {
        // A graph of too many steps is not run, so nothing is looked up for it.
        if (graph.Nodes.Count > GraphValidator.MaximumNodes)
        {
            return BodyResolution.Nothing;
        }

        var walk = new Walk(project);
        var problems = new List<GraphProblem>();
        foreach (var (node, name) in Bodies(graph))
        {
            if (await VisitAsync(walk, name, [self ?? ""], cancellationToken) is { } complaint)
            {
                problems.Add(new GraphProblem(node.Id, null, complaint.Code, $"{GraphValidator.Name(node)} runs the flow '{name}'{complaint.Text}"));
            }
        }

        return new BodyResolution(walk.Pins.Count == 0 ? null : StorableJson.Write(walk.Pins), problems);
    }

    /// <param name="path">The flows that lead here, the first at the top.</param>
    private async Task<Complaint?> VisitAsync(Walk walk, string name, ImmutableList<string> path, CancellationToken cancellationToken)
    {
        if (path.Contains(name))
        {
            return new(GraphProblemCodes.Recursion, $", and so itself without end: {string.Join(" > ", path.SkipWhile(each => each != name).Append(name))}.");
        }

        var depth = options.Value.Depth;
        if (path.Count - 1 + walk.Heights.GetValueOrDefault(name, 1) > depth)
        {
            return new(GraphProblemCodes.TooDeep, $", and with it more than {depth} levels of flows within flows (Runs:Depth).");
        }

        if (walk.Heights.ContainsKey(name))
        {
            return null;
        }

        if (await flows.FindAsync(walk.Project, name, cancellationToken) is not { } flow || await flows.FindRevisionAsync(flow.Id, flow.Revision, cancellationToken) is not { } revision)
        {
            return new(GraphProblemCodes.UnknownFlow, ", which the project does not have.");
        }

        var graph = FlowPlans.Read(revision.Graph);
        if (validator.Validate(graph) is [var first, ..])
        {
            return new(GraphProblemCodes.BrokenFlow, $", which cannot be run: {first.Message}");
        }

        var height = 1;
        foreach (var inner in Bodies(graph).Select(body => body.Flow).Distinct(StringComparer.Ordinal))
        {
            if (await VisitAsync(walk, inner, path.Add(name), cancellationToken) is { } complaint)
            {
                return complaint with { Text = complaint.Code == GraphProblemCodes.Recursion ? complaint.Text : $", and so '{inner}'{complaint.Text}" };
            }

            height = Math.Max(height, walk.Heights[inner] + 1);
        }

        walk.Heights[name] = height;
        walk.Pins[name] = new BodyPin(flow.Id, flow.Revision);
        return null;
    }

    private IEnumerable<(FlowNode Node, string Flow)> Bodies(FlowGraph graph) =>
        from node in graph.Nodes
        where node?.Type is not null
        let type = catalogue.Find(node.Type)?.Description
        where type is not null
        from setting in type.Settings
        where setting.Kind == SettingKinds.Flow
        let name = new StepSettings(type, node.Settings).Text(setting.Name)
        where name.Length > 0 // an empty one is a problem of the graph itself
        select (node, name);

    /// <param name="Text">Goes on behind the flow's name.</param>
    private sealed record Complaint(string Code, string Text);

    private sealed class Walk(string project)
    {
        internal string Project => project;

        internal Dictionary<string, BodyPin> Pins { get; } = new(StringComparer.Ordinal);

        /// <summary>Of those that are whole: how many levels of flows each has, itself included.</summary>
        internal Dictionary<string, int> Heights { get; } = new(StringComparer.Ordinal);
    }
}
