using System.Diagnostics;
using System.Text.Json;
using AiFactory.Builder.Children;
using AiFactory.Builder.Flows;
using AiFactory.Builder.Flows.Graphs;
using AiFactory.Builder.Models;
using AiFactory.Builder.Runs;
using AiFactory.Builder.Steps;
using AiFactory.Builder.Telemetry;
using AiFactory.Builder.Templates;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.ServiceDefaults.Loops;
using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Execution;

/// <summary>Makes one attempt at a step. Whatever the step does - fails, hangs, throws - becomes an outcome.</summary>
internal sealed partial class StepRunner(
    FlowPlans plans, StepCatalogue catalogue, ClaimStore claims, ChildStore children, RunFeed feed, BuilderTelemetry telemetry, IOptions<ExecutionOptions> options,
    IOptions<RunOptions> runs, TimeProvider time, ILogger<StepRunner> logger)
{
    /// <exception cref="OperationCanceledException">The token was cancelled; a timeout is an outcome.</exception>
    internal async Task<StepOutcome> RunAsync(ClaimedStep claim, CancellationToken cancellationToken)
    {
        var plan = await plans.GetAsync(claim.FlowId, claim.Revision, cancellationToken);
        var node = plan.Node(claim.Node);
        if (catalogue.Find(node.Type) is not { } type)
        {
            return new StepOutcome.Failed($"This executor does not know the step type '{node.Type}'.", IsTransient: true);
        }

        var began = time.GetTimestamp();
        using var span = Start(claim, node);
        var settings = new StepSettings(type.Description, node.Settings);
        var outcome = await AttemptAsync(claim, plan, type, settings, cancellationToken);
        if (outcome is StepOutcome.Failed failed)
        {
            // Its sentence may repeat what a service or a model has said: it is the run's to show, not the trace's.
            span?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", failed.IsTransient ? "transient" : "permanent");
        }

        if (outcome is StepOutcome.Began)
        {
            return outcome; // it has not ended
        }

        telemetry.StepEnded(node.Type, outcome is StepOutcome.Done ? "succeeded" : "failed", time.GetElapsedTime(began));
        return outcome;
    }

    /// <summary>How often the step is tried again, by its own setting or its type's.</summary>
    internal async ValueTask<int> RetriesAsync(ClaimedStep claim, CancellationToken cancellationToken)
    {
        var node = (await plans.GetAsync(claim.FlowId, claim.Revision, cancellationToken)).Node(claim.Node);
        return catalogue.Find(node.Type) is { } type ? new StepSettings(type.Description, node.Settings).Integer(StepDescription.Retries) ?? type.Policy.Retries : 0;
    }

    private async Task<StepOutcome> AttemptAsync(ClaimedStep claim, FlowPlan plan, IStepType type, StepSettings settings, CancellationToken cancellationToken)
    {
        var limit = settings.Number(StepDescription.Timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : type.Policy.Timeout;
        using var timer = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            await using var deltas = new DeltaSender(claim, plan.IsAnswer(claim.Node, "text"), feed, claims, time);
            var context = new StepContext(deltas.SendAsync)
            {
                RunId = claim.RunId,
                Project = claim.Project,
                Node = claim.Node,
                Settings = settings,
                Inputs = await InputsAsync(claim, plan, either.Token),
                Children = new StepChildren(children, claim, runs.Value, options.Value, time),
                MaxOutputBytes = options.Value.MaxOutputBytes,
                ReadRunInputAsync = async token => JsonSerializer.Deserialize<JsonElement>(await claims.ReadInputAsync(claim.RunId, token)),
            };

            // A step that does not heed its token is left behind: it must not hold its slot.
            var outcome = await type.RunAsync(context, either.Token).WaitAsync(either.Token);
            return StepAnswers.Limit(outcome, port => plan.Uses(claim.Node, port), options.Value.MaxOutputBytes);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new StepOutcome.Failed($"The step did not end within {limit.TotalSeconds:0.###} s.", IsTransient: true);
        }
        catch (OversizeException error)
        {
            return new StepOutcome.Failed(error.Message, IsTransient: false);
        }
        catch (ModelCallException error)
        {
            return new StepOutcome.Failed(error.Message, error.IsTransient);
        }
        catch (Exception error) when (Loop.IsAway(error))
        {
            LogFailed(logger, error, type.Description.Type, claim.RunId);
            return new StepOutcome.Failed($"Something that the step needs is away: {error.Message}", IsTransient: true);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // A bug in one step ends one run, and no other.
            LogFailed(logger, error, type.Description.Type, claim.RunId);
            return new StepOutcome.Failed($"The step failed in a way that was not foreseen: {error.Message}", IsTransient: false);
        }
    }

    /// <summary>What the steps before it gave, edge by edge; an edge from a branch that was not taken brings nothing.</summary>
    private async Task<StepInputs> InputsAsync(ClaimedStep claim, FlowPlan plan, CancellationToken cancellationToken)
    {
        var edges = plan.Into(claim.Node).ToList();
        if (edges.Count == 0)
        {
            return new StepInputs([]);
        }

        var most = options.Value.MaxInputBytes;
        var rows = await claims.ListInputsAsync(claim.RunId, edges, most, cancellationToken);
        return rows is [{ Bytes: var bytes }, ..] && bytes > most
            ? throw new OversizeException($"The steps before it bring {bytes / 1024} KB to the step; up to {most / 1024} KB are read.")
            : new StepInputs([.. rows.Select(row => new StepValue(row.Port, row.Source, JsonSerializer.Deserialize<JsonElement>(row.Value ?? "null")))]);
    }

    /// <summary>In the trace of the request that started the run. Where nobody collects spans, the trace is passed on all the same.</summary>
    private Activity? Start(ClaimedStep claim, FlowNode node)
    {
        var name = $"step {node.Type}";
        ActivityContext.TryParse(claim.TraceParent, null, isRemote: true, out var parent);
        var span = telemetry.Source.StartActivity(name, ActivityKind.Internal, parent);
        if (span is null && claim.TraceParent is { } traceParent)
        {
            span = new Activity(name).SetParentId(traceParent).Start();
        }

        return span
            ?.SetTag("aifactory.run.id", claim.RunId)
            .SetTag("aifactory.step.node", claim.Node)
            .SetTag("aifactory.step.attempt", claim.Attempt);
    }

    [LoggerMessage(4201, LogLevel.Error, "A step of type {Type} failed in run {RunId}")]
    private static partial void LogFailed(ILogger logger, Exception error, string type, Guid runId);
}
