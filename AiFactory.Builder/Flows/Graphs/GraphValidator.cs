using System.Text.RegularExpressions;
using AiFactory.Builder.Steps;
using AiFactory.Builder.Steps.Types;
using AiFactory.Contracts.Builder.Flows;

namespace AiFactory.Builder.Flows.Graphs;

/// <summary>Says everything that keeps a graph from being run, each at its node or edge.</summary>
internal sealed partial class GraphValidator(StepCatalogue catalogue)
{
    internal const int MaximumNodes = 100;
    internal const int MaximumEdges = 400;

    internal IReadOnlyList<GraphProblem> Validate(FlowGraph graph)
    {
        if (graph.Nodes is null || graph.Edges is null || graph.Nodes.Count > MaximumNodes || graph.Edges.Count > MaximumEdges)
        {
            return [new(null, null, GraphProblemCodes.TooLarge, $"A flow has nodes and edges: up to {MaximumNodes} steps and {MaximumEdges} connections.")];
        }

        List<GraphProblem> problems = [.. Ids(graph)];
        if (problems.Count > 0)
        {
            return problems; // Nothing else can be said of a graph whose nodes cannot be told apart.
        }

        var nodes = graph.Nodes.ToDictionary(node => node.Id, StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            if (catalogue.Find(node.Type) is { } type)
            {
                problems.AddRange(SettingRules.Check(node, type));
                problems.AddRange(Inputs(graph, node, type));
            }
            else
            {
                problems.Add(new(node.Id, null, GraphProblemCodes.UnknownStep, $"There is no step of the type '{node.Type}'."));
            }
        }

        problems.AddRange(graph.Edges.SelectMany(edge => Edge(edge, nodes)));
        problems.AddRange(Ends(graph));
        problems.AddRange(Cycle(graph, nodes));
        return problems;
    }

    /// <summary>Where the graph holds a secret in clear text, whatever else is wrong with it.</summary>
    internal IEnumerable<GraphProblem> Secrets(FlowGraph graph) =>
        from node in graph.Nodes
        where node?.Type is not null
        let type = catalogue.Find(node.Type)
        where type is not null
        from problem in SettingRules.Secrets(node, type)
        select problem;

    /// <summary>As it is shown: a revision from before such graphs were refused may hold a secret in clear text, and is kept for ever.</summary>
    internal FlowGraph WithoutSecrets(FlowGraph graph) => graph with
    {
        Nodes = [.. graph.Nodes.Select(node => node?.Type is not null && catalogue.Find(node.Type) is { } type ? SettingRules.WithoutSecrets(node, type) : node!)], // as null as it was
    };

    private static IReadOnlyList<GraphProblem> Ids(FlowGraph graph)
    {
        // JSON may hold null wherever a record says that it cannot be.
        if (graph.Nodes.Any(node => node is null) || graph.Edges.Any(edge => edge is null))
        {
            return [new(null, null, GraphProblemCodes.BadNodeId, "A step or a connection is null.")];
        }

        return [.. BadIds(graph), .. DoubledIds(graph)];
    }

    private static IEnumerable<GraphProblem> BadIds(FlowGraph graph)
    {
        foreach (var node in graph.Nodes.Where(node => node.Id is null || node.Type is null || !NodeId().IsMatch(node.Id)))
        {
            yield return new(node.Id, null, GraphProblemCodes.BadNodeId, $"'{node.Id}' is no id of a step: 1 to 40 letters, digits, '_' and '-', and a type.");
        }

        foreach (var edge in graph.Edges.Where(edge => edge.Id is null || edge.From is null || edge.FromPort is null || edge.To is null || edge.ToPort is null))
        {
            yield return new(null, edge.Id, GraphProblemCodes.UnknownNode, "A connection has an id, and a step and a port at each end.");
        }
    }

    private static IEnumerable<GraphProblem> DoubledIds(FlowGraph graph)
    {
        foreach (var id in graph.Nodes.GroupBy(node => node.Id).Where(same => same.Count() > 1).Select(same => same.Key))
        {
            yield return new(id, null, GraphProblemCodes.DuplicateId, $"Two steps have the id '{id}'.");
        }

        foreach (var id in graph.Edges.GroupBy(edge => edge.Id).Where(same => same.Count() > 1).Select(same => same.Key))
        {
            yield return new(null, id, GraphProblemCodes.DuplicateId, $"Two connections have the id '{id}'.");
        }
    }

    private IEnumerable<GraphProblem> Edge(FlowEdge edge, Dictionary<string, FlowNode> nodes)
    {
        if (!nodes.TryGetValue(edge.From, out var from) || !nodes.TryGetValue(edge.To, out var to))
        {
            return [new(null, edge.Id, GraphProblemCodes.UnknownNode, $"The connection leads from '{edge.From}' to '{edge.To}', and one of them is not there.")];
        }

        if (catalogue.Find(from.Type)?.Description is not { } giver || catalogue.Find(to.Type)?.Description is not { } taker)
        {
            return [];
        }

        if (giver.Outputs.FirstOrDefault(port => port.Name == edge.FromPort) is not { } output)
        {
            return [new(null, edge.Id, GraphProblemCodes.UnknownPort, $"{Name(from)} has no output '{edge.FromPort}'.")];
        }

        if (taker.Inputs.FirstOrDefault(port => port.Name == edge.ToPort) is not { } input)
        {
            return [new(null, edge.Id, GraphProblemCodes.UnknownPort, $"{Name(to)} has no input '{edge.ToPort}'.")];
        }

        return PortRules.Fits(output.Type, input.Type)
            ? []
            : [new(null, edge.Id, GraphProblemCodes.WrongType, $"{Name(from)} gives {output.Type} at '{output.Name}', but {Name(to)} takes {input.Type} at '{input.Name}'.")];
    }

    private static IEnumerable<GraphProblem> Inputs(FlowGraph graph, FlowNode node, IStepType type)
    {
        foreach (var port in type.Description.Inputs)
        {
            var edges = graph.Edges.Where(edge => edge.To == node.Id && edge.ToPort == port.Name).ToList();
            if (port.Required && edges.Count == 0)
            {
                yield return new(node.Id, null, GraphProblemCodes.InputNotConnected, $"{Name(node)} needs something at its input '{port.Name}'.");
            }

            foreach (var edge in edges.Skip(port.Multiple ? int.MaxValue : 1))
            {
                yield return new(null, edge.Id, GraphProblemCodes.PortTaken, $"The input '{port.Name}' of {Name(node)} takes one connection, and has another already.");
            }
        }

        // An output or a model of which no input is connected would have nothing to do.
        if (type.Description.Inputs is { Count: > 0 } inputs && inputs.All(port => !port.Required) && type.Description.Type is OutputStep.Type or ModelStep.Type
            && !graph.Edges.Any(edge => edge.To == node.Id))
        {
            yield return new(node.Id, null, GraphProblemCodes.InputNotConnected, $"{Name(node)} needs something at one of its inputs.");
        }

        var known = graph.Edges.Where(edge => edge.To == node.Id).SelectMany(edge => (string[])[edge.From, edge.ToPort]).ToHashSet(StringComparer.Ordinal);
        foreach (var name in type.Variables(new StepSettings(type.Description, node.Settings)).Distinct().Where(name => !known.Contains(name)))
        {
            yield return new(node.Id, null, GraphProblemCodes.UnknownVariable, $"{Name(node)} names {{{{{name}}}}}, but nothing of that name is connected to it.");
        }
    }

    private static IEnumerable<GraphProblem> Ends(FlowGraph graph)
    {
        var inputs = graph.Nodes.Where(node => node.Type == InputStep.Type).ToList();
        if (inputs.Count == 0)
        {
            yield return new(null, null, GraphProblemCodes.NoInput, "The flow has no input: add one, it is what the flow is asked.");
        }

        foreach (var second in inputs.Skip(1))
        {
            yield return new(second.Id, null, GraphProblemCodes.SecondInput, "The flow has an input already; connect that one to all that needs it.");
        }

        if (!graph.Nodes.Any(node => node.Type == OutputStep.Type))
        {
            yield return new(null, null, GraphProblemCodes.NoOutput, "The flow has no output: add one, it is what the flow answers.");
        }
    }

    private static IEnumerable<GraphProblem> Cycle(FlowGraph graph, Dictionary<string, FlowNode> nodes)
    {
        var known = graph with { Edges = [.. graph.Edges.Where(edge => nodes.ContainsKey(edge.From) && nodes.ContainsKey(edge.To))] };
        GraphOrder.Sort(known, out var left);

        // What is left lies on a cycle or behind one; what nothing of the rest hangs on is only behind.
        var cycle = left.ToList();
        while (cycle.RemoveAll(node => !known.Edges.Any(edge => edge.From == node.Id && cycle.Exists(other => other.Id == edge.To))) > 0)
        {
        }

        if (cycle.Count > 0)
        {
            yield return new(cycle[0].Id, null, GraphProblemCodes.Cycle, $"These steps wait for each other in a circle: {string.Join(", ", cycle.Select(Name))}.");
        }
    }

    internal static string Name(FlowNode node) => string.IsNullOrWhiteSpace(node.Title) ? $"'{node.Id}'" : $"'{node.Title}'";

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,40}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NodeId();
}
