using System.Diagnostics;
using System.Text.Json;
using AiFactory.Builder.Execution;
using AiFactory.Builder.Flows.Bodies;
using AiFactory.Builder.Runs;
using AiFactory.Builder.Steps;
using AiFactory.Builder.Templates;

namespace AiFactory.Builder.Children;

/// <summary>The runs of one step: what has become of those that it began, and how it begins others.</summary>
/// <param name="claim">On the step.</param>
internal sealed class StepChildren(ChildStore store, ClaimedStep claim, RunOptions runs, ExecutionOptions execution, TimeProvider time)
{
    /// <summary>In their order; empty before the first was begun.</summary>
    /// <param name="newest">Only so many of the last; all when null.</param>
    /// <exception cref="OversizeException">They have answered more than a step may give.</exception>
    internal async Task<IReadOnlyList<ChildRun>> ReadAsync(int? newest, CancellationToken cancellationToken)
    {
        var most = execution.MaxOutputBytes;
        var children = await store.ListAsync(claim, newest, most, cancellationToken);
        return children is [{ Bytes: var bytes }, ..] && bytes > most
            ? throw new OversizeException($"What the runs answered has {bytes / 1024} KB together; up to {most / 1024} KB are kept (Execution:MaxOutputBytes).")
            : children;
    }

    /// <summary>Begins runs with the step's answer: they are there when it is written, and not otherwise.</summary>
    internal async Task<StepOutcome> BeginAsync(ChildPlan plan, CancellationToken cancellationToken)
    {
        // 1. What each is given besides its item is written with each.
        var most = execution.MaxInputBytes;
        var bytes = plan.Items.Sum(StorableJson.Length) + ((plan.With is { } with ? StorableJson.Length(with) : 0) * plan.Items.Count);
        if (bytes > most)
        {
            return new StepOutcome.Failed($"The runs would be given {bytes / 1024} KB together; up to {most / 1024} KB are (Execution:MaxInputBytes).", IsTransient: false);
        }

        // 2. The flow as the run at the top has chosen it.
        if (await store.FindBodyAsync(claim, plan.Flow, cancellationToken) is not { } body || body is not { FlowId: { } flow, Revision: { } revision })
        {
            return new StepOutcome.Failed($"The run has chosen no revision of the flow '{plan.Flow}' when it began.", IsTransient: false);
        }

        // Steps that begin at the same moment are not counted with each other, and go beyond the bound by what they begin: cheaper than to wait for one another.
        if (body.Open + plan.Items.Count > runs.OpenChildrenPerProject)
        {
            return new StepOutcome.Failed(
                $"Maps and loops of the project have {body.Open} runs that have not ended; with {plan.Items.Count} more there would be more than {runs.OpenChildrenPerProject} (Runs:OpenChildrenPerProject).",
                IsTransient: true)
            {
                IsForRoom = plan.Items.Count <= runs.OpenChildrenPerProject,
            };
        }

        // 3. Each as if somebody had started it: what is too large for its input step fails before any has begun.
        var children = new List<NewChild>(plan.Items.Count);
        foreach (var item in plan.Items)
        {
            var index = plan.First + children.Count;
            var input = Input(item, index, plan.With);
            if (StorableJson.Size(input) is > RunService.LargestInput and var size)
            {
                return new StepOutcome.Failed(
                    $"The run with the index {index} would be given {size / 1024} KB; a run is given up to {RunService.LargestInput / 1024} KB.", IsTransient: false);
            }

            children.Add(new NewChild(Guid.CreateVersion7(time.GetUtcNow()), index, RunTitle.Of(input), StorableJson.Write(input)));
        }

        // 4. Below this attempt's span.
        var trace = Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } ? id : null;
        return new StepOutcome.Began(new ChildBatch(plan.Flow, new BodyPin(flow, revision), plan.Concurrency, plan.FailsFast, trace, children));
    }

    /// <summary>What the flow reads: <c>{"text":"...","item":...,"index":0,"with":...}</c>. The text is the item's own, of an object its <c>text</c> (a passage has one).</summary>
    private static JsonElement Input(JsonElement item, int index, JsonElement? with)
    {
        var text = item.ValueKind == JsonValueKind.Object && item.TryGetProperty("text", out var own) && own.ValueKind == JsonValueKind.String
            ? own.GetString() ?? ""
            : PortValues.ToText(item);
        return with is { } given ? JsonSerializer.SerializeToElement(new { text, item, index, with = given }) : JsonSerializer.SerializeToElement(new { text, item, index });
    }
}
