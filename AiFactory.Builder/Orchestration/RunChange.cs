using AiFactory.Builder.Flows.Graphs;
using AiFactory.Builder.Runs;
using AiFactory.Contracts.Builder.Runs;

namespace AiFactory.Builder.Orchestration;

/// <summary>What the orchestrator writes of one run.</summary>
internal sealed record RunChange(DueRun Run, RunDecision Decision)
{
    /// <summary>Node to step type, for those that are handed out or passed over.</summary>
    internal required IReadOnlyDictionary<string, string> Types { get; init; }

    /// <summary>JSON object; of a run that succeeded.</summary>
    internal string? Output { get; init; }

    internal required IReadOnlyList<RunChangeEvent> Events { get; init; }

    internal static RunChange Of(DueRun run, RunDecision decision, FlowPlan plan, string? output) => new(run, decision)
    {
        Types = decision.Ready.Concat(decision.Skipped).ToDictionary(node => node, node => plan.Node(node).Type, StringComparer.Ordinal),
        Output = output,
        Events = EventsOf(run, decision, output),
    };

    /// <summary>Of a run with which the orchestrator itself fails.</summary>
    internal static RunChange GivenUp(DueRun run)
    {
        var decision = new RunDecision([], [], RunStates.Failed, "The run could not be carried on: what its steps gave cannot be read or written.");
        return new RunChange(run, decision) { Types = new Dictionary<string, string>(), Events = EventsOf(run, decision, null) };
    }

    private static List<RunChangeEvent> EventsOf(DueRun run, RunDecision decision, string? output)
    {
        var events = new List<RunChangeEvent>();
        if (run.State == RunStates.Queued)
        {
            Add(RunEventTypes.RunStarted, null, null);
        }

        foreach (var node in decision.Skipped)
        {
            Add(RunEventTypes.StepSkipped, node, null);
        }

        switch (decision.End)
        {
            case RunStates.Succeeded:
                Add(RunEventTypes.RunSucceeded, null, $"{{\"output\":{output}}}");
                break;
            case RunStates.Failed:
                Add(RunEventTypes.RunFailed, null, StorableJson.Write(new { error = decision.Error }));
                break;
            case RunStates.Cancelled:
                Add(RunEventTypes.RunCancelled, null, null);
                break;
        }

        return events;

        void Add(string type, string? node, string? data) => events.Add(new RunChangeEvent(type, node, data));
    }
}

/// <param name="Data">JSON.</param>
internal sealed record RunChangeEvent(string Type, string? Node, string? Data);
