using System.Diagnostics;
using System.Text.Json;
using AiFactory.Builder.Flows.Graphs;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Runs;

namespace AiFactory.Builder.Runs;

internal static class RunMapping
{
    /// <summary>What a step is in that its run's end overtook.</summary>
    internal const string CancelledStep = "cancelled";

    /// <summary>What a step is in while the runs that it began are not over: whoever watches sees it run.</summary>
    internal const string WaitingStep = "waiting";

    internal static RunResponse ToResponse(RunRow run, IReadOnlyList<RunStepResponse>? steps = null) => new(
        run.Id,
        run.Flow,
        run.Revision,
        run.State,
        Json(run.Input) ?? default,
        Json(run.Output),
        run.Error,
        new RunUsage(run.PromptTokens, run.CompletionTokens),
        TraceId(run.TraceParent),
        run.ThreadId,
        run.StartedBy,
        run.CreatedAt,
        run.StartedAt,
        run.FinishedAt,
        steps,
        Parent(run.ParentRunId, run.ParentNode, run.ParentIndex));

    internal static RunSummary ToSummary(RunSummaryRow run) => new(
        run.Id,
        run.Flow,
        run.Revision,
        run.State,
        run.Title,
        run.Error,
        new RunUsage(run.PromptTokens, run.CompletionTokens),
        TraceId(run.TraceParent),
        run.ThreadId,
        run.StartedBy,
        run.CreatedAt,
        run.StartedAt,
        run.FinishedAt,
        Parent(run.ParentRunId, run.ParentNode, run.ParentIndex));

    /// <summary>Every node of the graph, those too that no orchestrator has come to yet.</summary>
    internal static IReadOnlyList<RunStepResponse> ToSteps(RunRow run, FlowPlan plan, IReadOnlyList<StepRow> rows)
    {
        var known = rows.ToDictionary(row => row.Node, StringComparer.Ordinal);
        return [.. plan.Nodes.Select(node => ToStep(run, node, known.GetValueOrDefault(node.Id)))];
    }

    internal static RunStepResponse ToStep(RunRow run, FlowNode node, StepRow? row) => row is null
        ? new RunStepResponse(node.Id, node.Type, IsOver(run.State) ? StepStates.Skipped : StepStates.Pending, 0, null, null, null, null)
        : new RunStepResponse(
            row.Node, row.Type, Shown(row.State), row.Attempt, row.StartedAt, row.FinishedAt, Json(row.Output), row.Error, row.Truncated,
            row.Children == 0 ? null : new RunChildren(row.Children, row.ChildrenEnded, row.ChildrenFailed));

    private static string Shown(string state) => state switch
    {
        CancelledStep => StepStates.Skipped,
        WaitingStep => StepStates.Running,
        _ => state,
    };

    private static RunParent? Parent(Guid? run, string? node, int? index) => run is { } id && node is not null ? new RunParent(id, node, index ?? 0) : null;

    internal static RunEventResponse ToResponse(RunEventRow row) => new(row.Sequence, row.Type, row.Node, row.Attempt, row.At, Json(row.Data));

    internal static bool IsOver(string state) => state is RunStates.Succeeded or RunStates.Failed or RunStates.Cancelled;

    internal static bool EndsRun(string eventType) => eventType is RunEventTypes.RunSucceeded or RunEventTypes.RunFailed or RunEventTypes.RunCancelled;

    private static string? TraceId(string? traceParent) => ActivityContext.TryParse(traceParent, null, out var trace) ? trace.TraceId.ToHexString() : null;

    private static JsonElement? Json(string? text) => text is null ? null : JsonSerializer.Deserialize<JsonElement>(text);
}
