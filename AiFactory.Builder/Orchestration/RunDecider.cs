using AiFactory.Builder.Flows.Graphs;
using AiFactory.Builder.Steps;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Runs;

namespace AiFactory.Builder.Orchestration;

/// <summary>Decides what follows from the states of a run's steps. Reads nothing and writes nothing: the same states give the same decision.</summary>
internal sealed class RunDecider(StepCatalogue catalogue)
{
    internal RunDecision Decide(FlowPlan plan, bool cancelRequested, IEnumerable<StepState> steps)
    {
        var states = steps.ToDictionary(step => step.Node, StringComparer.Ordinal);
        if (cancelRequested)
        {
            return new RunDecision([], [], RunStates.Cancelled, null);
        }

        // 1. One step that is given up ends the run.
        if (states.Values.FirstOrDefault(step => step.State == StepStates.Failed) is { } failed)
        {
            return new RunDecision([], [], RunStates.Failed, $"{GraphValidator.Name(plan.Node(failed.Node))} failed: {failed.Error}");
        }

        // 2. In the plan's order, so that a skipped step skips what hangs on it in the same pass.
        var (ready, skipped) = (new List<string>(), new List<string>());
        var passedOver = states.Values.Where(step => step.State == StepStates.Skipped).Select(step => step.Node).ToHashSet(StringComparer.Ordinal);
        foreach (var node in plan.Nodes.Where(node => !states.ContainsKey(node.Id)))
        {
            var edges = plan.Into(node.Id).Select(edge => (edge.ToPort, Carries: Carries(edge))).ToList();
            if (edges.Exists(edge => edge.Carries is null))
            {
                continue; // something before it has not ended
            }

            if (IsReached(node, edges.ConvertAll(edge => (edge.ToPort, edge.Carries == true))))
            {
                ready.Add(node.Id);
            }
            else
            {
                skipped.Add(node.Id);
                passedOver.Add(node.Id);
            }
        }

        // 3. When every step has ended, so has the run.
        var isOver = ready.Count == 0 && plan.Nodes.All(node =>
            passedOver.Contains(node.Id) || (states.TryGetValue(node.Id, out var step) && step.State == StepStates.Succeeded));
        return new RunDecision(ready, skipped, isOver ? RunStates.Succeeded : null, null);

        // Null while that is open.
        bool? Carries(FlowEdge edge)
        {
            if (passedOver.Contains(edge.From))
            {
                return false;
            }

            return states.TryGetValue(edge.From, out var from) && from.State == StepStates.Succeeded ? from.Ports?.Contains(edge.FromPort) == true : null;
        }
    }

    /// <summary>A node without edges begins the flow. Another is reached when something comes in, and at each input that it needs.</summary>
    private bool IsReached(FlowNode node, List<(string Port, bool Carries)> edges)
    {
        if (edges.Count == 0)
        {
            return true;
        }

        var needed = catalogue.Find(node.Type)?.Description.Inputs.Where(port => port.Required).Select(port => port.Name) ?? [];
        return edges.Exists(edge => edge.Carries) && needed.All(port => edges.Exists(edge => edge.Port == port && edge.Carries));
    }
}
