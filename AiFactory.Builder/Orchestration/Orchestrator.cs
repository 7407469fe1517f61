using System.Text.Json;
using AiFactory.Builder.Flows;
using AiFactory.Builder.Flows.Graphs;
using AiFactory.Builder.Runs;
using AiFactory.Builder.Telemetry;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Orchestration;

/// <summary>
/// Leads the runs: where something has happened it hands out the steps that follow, and ends what is over. It keeps nothing in memory that is not in the
/// database, so another goes on where it stops. Each batch is one transaction behind the fence, so a leader that has been replaced writes nothing.
/// </summary>
internal sealed partial class Orchestrator(
    MigrationState migrations,
    RunSignals signals,
    Leadership leadership,
    LeadershipStore leases,
    OrchestrationStore store,
    FlowPlans plans,
    RunDecider decider,
    Database database,
    BuilderTelemetry telemetry,
    IOptions<OrchestrationOptions> options,
    TimeProvider time,
    ILogger<Orchestrator> logger) : Loop(migrations, signals.Advance, options.Value.Poll, time, logger)
{
    private const int Batch = 64;

    /// <summary>The host's may have run out by then.</summary>
    private static readonly TimeSpan ReleasePatience = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time = time;
    private readonly ILogger<Orchestrator> _logger = logger;

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        // 1. Only who leads may write.
        if (await leadership.EnsureAsync(cancellationToken) is not { } token)
        {
            return false;
        }

        await using var transaction = await database.BeginAsync(cancellationToken);
        if (!await leases.HoldAsync(transaction, token, cancellationToken))
        {
            leadership.Lose();
            return true;
        }

        // 2. What has happened, and what follows.
        var due = await store.LockDueAsync(transaction, Batch, cancellationToken);
        if (due.Count == 0)
        {
            return false;
        }

        var steps = (await store.ListStepsAsync(transaction, [.. due.Select(run => run.Id)], cancellationToken)).ToLookup(step => step.RunId);
        var changes = new List<RunChange>(due.Count);
        foreach (var run in due)
        {
            changes.Add(await DecideAsync(transaction, run, steps[run.Id], cancellationToken));
        }

        // 3. All of it, or nothing.
        await store.WriteAsync(transaction, changes, _time.GetUtcNow(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        foreach (var change in changes.Where(change => change.Decision.End is not null))
        {
            telemetry.RunEnded(change.Decision.End ?? "");
        }

        return due.Count == Batch;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var patience = new CancellationTokenSource(ReleasePatience, _time);
        try
        {
            await leadership.ReleaseAsync(patience.Token);
        }
        catch (Exception error) when (IsInfrastructure(error) || patience.IsCancellationRequested)
        {
            LogNotReleased(_logger, error);
        }
    }

    private async Task<RunChange> DecideAsync(DatabaseTransaction transaction, DueRun run, IEnumerable<StepState> steps, CancellationToken cancellationToken)
    {
        var plan = await plans.GetAsync(run.FlowId, run.Revision, cancellationToken);
        var decision = decider.Decide(plan, run.CancelRequested, steps);
        var output = decision.End == RunStates.Succeeded ? await OutputAsync(transaction, run, plan, cancellationToken) : null;
        return new RunChange(run, decision)
        {
            Types = decision.Ready.Concat(decision.Skipped).ToDictionary(node => node, node => plan.Node(node).Type, StringComparer.Ordinal),
            Output = output,
            Events = Events(run, decision, output),
        };
    }

    private static List<RunChangeEvent> Events(DueRun run, RunDecision decision, string? output)
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

        void Add(string type, string? node, string? data) => events.Add(new RunChangeEvent(run.LastSequence + events.Count + 1, type, node, data));
    }

    /// <summary>What the output steps were given, as one object: texts of several with a blank line between, of anything else the first.</summary>
    private async Task<string> OutputAsync(DatabaseTransaction transaction, DueRun run, FlowPlan plan, CancellationToken cancellationToken)
    {
        var given = await store.ReadOutputsAsync(transaction, run.Id, [.. plan.Outputs.Select(node => node.Id)], cancellationToken);
        var merged = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var node in plan.Outputs.Where(node => given.ContainsKey(node.Id)))
        {
            foreach (var value in JsonSerializer.Deserialize<JsonElement>(given[node.Id]).EnumerateObject())
            {
                if (!merged.TryGetValue(value.Name, out var earlier))
                {
                    merged[value.Name] = value.Value;
                }
                else if (value.Name == "text")
                {
                    merged[value.Name] = JsonSerializer.SerializeToElement($"{earlier.GetString()}\n\n{value.Value.GetString()}");
                }
            }
        }

        return StorableJson.Write(merged);
    }

    [LoggerMessage(4311, LogLevel.Warning, "The leadership could not be given up; another leads when it has run out")]
    private static partial void LogNotReleased(ILogger logger, Exception error);
}
