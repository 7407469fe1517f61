using System.Text.Json;
using AiFactory.Builder.Children;
using AiFactory.Builder.Runs;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Runs;
using Microsoft.Extensions.Options;
using static AiFactory.Builder.Steps.StepDescription;

namespace AiFactory.Builder.Steps.Types;

/// <summary>Runs a flow for each item of a list. It is begun twice: to begin the runs, and when they have ended, to gather what they answered.</summary>
internal sealed class MapStep(IOptions<RunOptions> options) : IStepType
{
    private const string Body = "flow";
    private const string OnError = "onError";
    private const string Fail = "fail";

    /// <summary>Of the step's own work; what it begins has its own times.</summary>
    private static readonly StepPolicy Begins = new(TimeSpan.FromSeconds(30), 3);

    public StepTypeResponse Description { get; } = new(
        "map", "Map", "Runs a flow for each item of a list, several at once, and gives the list of what they answered, in the items' order.",
        [Needs("items", PortTypes.List), Takes("with", PortTypes.Any)],
        [Gives("items", PortTypes.List), Gives("text", PortTypes.Text), Gives("errors", PortTypes.List)],
        [
            new(Body, "Flow", SettingKinds.Flow, Required: true, Help: "Its input's text is the item; its input's json has the item, its index, and what comes in at 'with'."),
            new("concurrency", "At once", SettingKinds.Number, Default: Default(4), Help: "How many items are worked on at the same time.", Min: 1, Max: 32),
            new(OnError, "When an item fails", SettingKinds.Select, Default: Default(Fail), Options: [Fail, "continue"],
                Help: "'fail' ends the step and cancels the rest. 'continue' gives null in the item's place, and the error at 'errors'."),
        ]);

    public StepPolicy Policy => Begins;

    public async Task<StepOutcome> RunAsync(StepContext context, CancellationToken cancellationToken)
    {
        var failsFast = context.Settings.Text(OnError) == Fail;
        if (await context.Children.ReadAsync(newest: null, cancellationToken) is { Count: > 0 } children)
        {
            return Gathered(children, failsFast);
        }

        if (context.Inputs.First("items") is not { ValueKind: JsonValueKind.Array } list)
        {
            return new StepOutcome.Failed($"What came in at 'items' is no list but a JSON {context.Inputs.First("items")?.ValueKind.ToString().ToLowerInvariant() ?? "null"}.", IsTransient: false);
        }

        var most = options.Value.ItemsPerMap;
        return list.GetArrayLength() switch
        {
            0 => Done([], [], 0, 0),
            var count when count > most => new StepOutcome.Failed($"The list has {count} items; a map takes up to {most} (Runs:ItemsPerMap).", IsTransient: false),
            _ => await context.Children.BeginAsync(
                new ChildPlan(context.Settings.Text(Body), [.. list.EnumerateArray()], context.Inputs.First("with"))
                {
                    Concurrency = context.Settings.Integer("concurrency") ?? 1,
                    FailsFast = failsFast,
                },
                cancellationToken),
        };
    }

    private static StepOutcome Gathered(IReadOnlyList<ChildRun> children, bool failsFast)
    {
        var failed = children.Where(child => child.State is RunStates.Failed or RunStates.Cancelled).ToList();
        if (failsFast && failed is [var first, ..])
        {
            return new StepOutcome.Failed($"The item with the index {first.Index} of {children.Count} failed: {Reason(first)}", IsTransient: false);
        }

        return Done([.. children.Select(child => JsonSerializer.Deserialize<JsonElement>(child.Value ?? "null"))], failed, children[0].PromptTokens, children[0].CompletionTokens);
    }

    /// <summary>Nothing comes out at 'errors' when there are none: what hangs on it is skipped.</summary>
    private static StepOutcome.Done Done(IReadOnlyList<JsonElement> items, List<ChildRun> failed, long promptTokens, long completionTokens)
    {
        var text = string.Join("\n\n", items.Where(item => item.ValueKind != JsonValueKind.Null).Select(PortValues.ToText));
        var ports = new List<(string, JsonElement)> { ("items", JsonSerializer.SerializeToElement(items)), ("text", PortValues.Text(text)) };
        if (failed.Count > 0)
        {
            ports.Add(("errors", JsonSerializer.SerializeToElement(failed.Select(child => new { index = child.Index, error = Reason(child) }))));
        }

        return StepOutcome.Of([.. ports]) with { PromptTokens = promptTokens, CompletionTokens = completionTokens, IsCounted = true };
    }

    private static string Reason(ChildRun child) => child.State == RunStates.Cancelled ? "Its run was cancelled." : child.Error ?? "Its run failed.";
}
