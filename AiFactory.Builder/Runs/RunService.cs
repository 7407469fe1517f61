using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using AiFactory.Builder.Flows;
using AiFactory.Builder.Flows.Bodies;
using AiFactory.Builder.Flows.Graphs;
using AiFactory.Builder.Threads;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Runs;

/// <summary>Starts runs, shows them, and asks for their end.</summary>
internal sealed class RunService(
    RunStore runs, ThreadStore threads, FlowStore flows, FlowPlans plans, GraphValidator validator, FlowBodies bodies, IOptions<RunOptions> options, TimeProvider time)
{
    /// <summary>Of an input's JSON, in bytes as <see cref="StorableJson.Size"/> counts them.</summary>
    internal const int LargestInput = 256 * 1024;

    /// <summary>Of a step's output within its run, in bytes as JSON: a run of 100 steps is no answer of 100 MB.</summary>
    private const int LargestOutput = 64 * 1024;

    /// <summary>The run is begun by the orchestrator, and goes on whether the caller stays or not.</summary>
    internal async Task<Outcome<RunRow>> StartAsync(RunStart start, CancellationToken cancellationToken)
    {
        if (start.Input.ValueKind != JsonValueKind.Object)
        {
            return FieldErrors.Of<RunRow>("input", "The input is an object, for example {\"text\": \"What is a gateway?\"}.");
        }

        if (StorableJson.Complaint(start.Input) is { } complaint)
        {
            return FieldErrors.Of<RunRow>("input", $"The input is not taken: {complaint}.");
        }

        if (StorableJson.Size(start.Input) is > LargestInput and var size)
        {
            return FieldErrors.Of<RunRow>("input", $"The input has {size / 1024} KB; up to {LargestInput / 1024} KB are taken.");
        }

        if (await flows.FindAsync(start.Project, start.Flow, cancellationToken) is not { } flow)
        {
            return Outcome<RunRow>.Missed("flow", start.Flow);
        }

        // Its run is seen by the thread's author alone, so it must be one.
        if (start.ThreadId is { } thread && await threads.FindAsync(start.Project, start.Actor, thread, cancellationToken) is null)
        {
            return Outcome<RunRow>.Missed("thread", thread);
        }

        var number = start.Revision ?? flow.Revision;
        if (await flows.FindRevisionAsync(flow.Id, number, cancellationToken) is not { } revision)
        {
            return Outcome<RunRow>.Missed("revision", number);
        }

        var graph = FlowPlans.Read(revision.Graph);
        if (validator.Validate(graph) is { Count: > 0 } problems)
        {
            return FlowService.NotRunnable<RunRow>(problems);
        }

        var chosen = start.Bodies is { } pins ? new BodyResolution(pins, []) : await bodies.ResolveAsync(start.Project, flow.Name, graph, cancellationToken);
        if (chosen.Problems.Count > 0)
        {
            return FlowService.NotRunnable<RunRow>(chosen.Problems);
        }

        var now = time.GetUtcNow();
        var run = new RunRow
        {
            Id = Guid.CreateVersion7(now),
            Project = start.Project,
            FlowId = flow.Id,
            Flow = flow.Name,
            Revision = number,
            State = RunStates.Queued,
            Title = RunTitle.Of(start.Input),
            Input = StorableJson.Write(start.Input),
            ThreadId = start.ThreadId,
            StartedBy = start.Actor,
            Bodies = chosen.Pins,
            TraceParent = Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } ? id : null,
            CreatedAt = now,
        };
        return await runs.InsertAsync(run, options.Value.OpenPerProject, cancellationToken)
            ? run
            : new Outcome<RunRow>.TooMany(
                $"The project '{start.Project}' has {options.Value.OpenPerProject} runs that are queued or running, and may have no more: wait for some of them, or cancel them.");
    }

    internal async Task<Outcome<Page<RunSummary>>> ListAsync(
        string project, string reader, string? flow, string? state, string? after, int? limit, CancellationToken cancellationToken)
    {
        if (!Paging.TryLimit(limit, out var most))
        {
            return Paging.BadLimit<Page<RunSummary>>();
        }

        if (!Cursors.TryId(after, out var cursor))
        {
            return Paging.BadAfter<Page<RunSummary>>();
        }

        var rows = await runs.ListAsync(project, reader, flow, state, cursor, most + 1, cancellationToken);
        return Paging.Page(rows, most, RunMapping.ToSummary, run => run.Id.ToString());
    }

    internal async Task<Outcome<RunResponse>> FindAsync(string project, string reader, Guid id, CancellationToken cancellationToken)
    {
        if (await runs.FindAsync(project, id, cancellationToken) is not { } run || !run.IsOpenTo(reader))
        {
            return Outcome<RunResponse>.Missed("run", id);
        }

        var plan = await plans.GetAsync(run.FlowId, run.Revision, cancellationToken);
        return RunMapping.ToResponse(run, RunMapping.ToSteps(run, plan, await runs.ListStepsAsync(id, LargestOutput, cancellationToken)));
    }

    /// <summary>The runs that a step began, in the order of their items or turns.</summary>
    internal async Task<Outcome<Page<RunSummary>>> ListChildrenAsync(
        string project, string reader, Guid id, string node, string? after, int? limit, CancellationToken cancellationToken)
    {
        if (!Paging.TryLimit(limit, out var most))
        {
            return Paging.BadLimit<Page<RunSummary>>();
        }

        var index = -1;
        if (after is not null && !int.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out index))
        {
            return Paging.BadAfter<Page<RunSummary>>();
        }

        if (await runs.FindAsync(project, id, cancellationToken) is not { } run || !run.IsOpenTo(reader))
        {
            return Outcome<Page<RunSummary>>.Missed("run", id);
        }

        var plan = await plans.GetAsync(run.FlowId, run.Revision, cancellationToken);
        if (plan.Nodes.All(each => each.Id != node))
        {
            return Outcome<Page<RunSummary>>.Missed("step", node);
        }

        var rows = await runs.ListChildrenAsync(id, node, index, most + 1, cancellationToken);
        return Paging.Page(rows, most, RunMapping.ToSummary, child => $"{child.ParentIndex}");
    }

    /// <summary>The step with its whole output.</summary>
    internal async Task<Outcome<RunStepResponse>> FindStepAsync(string project, string reader, Guid id, string node, CancellationToken cancellationToken)
    {
        if (await runs.FindAsync(project, id, cancellationToken) is not { } run || !run.IsOpenTo(reader))
        {
            return Outcome<RunStepResponse>.Missed("run", id);
        }

        var plan = await plans.GetAsync(run.FlowId, run.Revision, cancellationToken);
        return plan.Nodes.Any(each => each.Id == node)
            ? RunMapping.ToStep(run, plan.Node(node), await runs.FindStepAsync(id, node, cancellationToken))
            : Outcome<RunStepResponse>.Missed("step", node);
    }

    /// <summary>The run as it was when its end was asked for; one that is over is left as it is.</summary>
    internal async Task<Outcome<RunResponse>> CancelAsync(string project, string reader, Guid id, CancellationToken cancellationToken)
    {
        if (await runs.FindAsync(project, id, cancellationToken) is not { } run || !run.IsOpenTo(reader))
        {
            return Outcome<RunResponse>.Missed("run", id);
        }

        await runs.RequestCancelAsync(id, cancellationToken);
        return RunMapping.ToResponse(run);
    }
}
