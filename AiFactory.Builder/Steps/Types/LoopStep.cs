using System.Text.Json;
using AiFactory.Builder.Children;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Runs;
using static AiFactory.Builder.Steps.StepDescription;

namespace AiFactory.Builder.Steps.Types;

/// <summary>Runs a flow again and again, each time with what it answered the time before. It is begun before each turn and after the last.</summary>
internal sealed class LoopStep : IStepType
{
    private const string Body = "flow";
    private const string Path = "path";
    private const string Most = "maxIterations";
    private const string OnLimit = "onLimit";
    private const string Fail = "fail";

    /// <summary>Of the step's own work; what it begins has its own times.</summary>
    private static readonly StepPolicy Begins = new(TimeSpan.FromSeconds(30), 3);

    public StepTypeResponse Description { get; } = new(
        "loop", "Loop", "Runs a flow again and again, each time with what it answered before, until a test of the answer holds.",
        [Needs("in", PortTypes.Any), Takes("with", PortTypes.Any)],
        [Gives("text", PortTypes.Text), Gives("json", PortTypes.Json)],
        [
            new(Body, "Flow", SettingKinds.Flow, Required: true, Help: "Its input's text is what comes in, later its own answer; its input's json has it as 'item', and what comes in at 'with'."),
            .. ValueTest.Settings("Until its answer"),
            new(Path, "Where in the answer", SettingKinds.Text, Help: "For an answer in JSON, for example review.done; the whole answer when empty."),
            new(Most, "At most", SettingKinds.Number, Required: true, Default: Default(5), Help: "How many times the flow is run.", Min: 1, Max: 100),
            new(OnLimit, "When the test never holds", SettingKinds.Select, Default: Default(Fail), Options: [Fail, "end"], Help: "'fail' is an error; 'end' goes on with the last answer."),
        ]);

    public StepPolicy Policy => Begins;

    public IEnumerable<(string Setting, string Complaint)> Check(StepSettings settings)
    {
        if (settings.Text(Path) is { Length: > 0 } path && !JsonPath.TryParse(path, out _))
        {
            yield return (Path, "A path is names and indexes, for example review.done");
        }

        foreach (var complaint in ValueTest.Check(settings))
        {
            yield return complaint;
        }
    }

    public async Task<StepOutcome> RunAsync(StepContext context, CancellationToken cancellationToken)
    {
        var settings = context.Settings;
        if (await context.Children.ReadAsync(newest: 1, cancellationToken) is not [var last])
        {
            return await TurnAsync(context, context.Inputs.First("in") ?? default, 0, cancellationToken);
        }

        var (turns, most) = (last.Index + 1, settings.Integer(Most) ?? 1);
        if (last.State != RunStates.Succeeded)
        {
            return new StepOutcome.Failed($"Turn {turns} failed: {(last.State == RunStates.Cancelled ? "its run was cancelled." : last.Error)}", IsTransient: false);
        }

        var value = JsonSerializer.Deserialize<JsonElement>(last.Value ?? "null");
        if (ValueTest.Holds(Tested(value, settings.Text(Path)), settings) || (turns >= most && settings.Text(OnLimit) != Fail))
        {
            return StepOutcome.Of(("text", PortValues.Text(PortValues.ToText(value))), ("json", value)) with
            {
                PromptTokens = last.PromptTokens,
                CompletionTokens = last.CompletionTokens,
                IsCounted = true,
            };
        }

        return turns >= most
            ? new StepOutcome.Failed($"The answer was not as wanted after {turns} turns, which is the most ('{Most}').", IsTransient: false)
            : await TurnAsync(context, value, turns, cancellationToken);
    }

    private static Task<StepOutcome> TurnAsync(StepContext context, JsonElement value, int index, CancellationToken cancellationToken) =>
        context.Children.BeginAsync(new ChildPlan(context.Settings.Text(Body), [value], context.Inputs.First("with")) { First = index }, cancellationToken);

    /// <summary>What is not there is tested as null.</summary>
    private static JsonElement Tested(JsonElement value, string path) =>
        JsonPath.TryParse(path, out var place) ? place.Find(value) ?? JsonSerializer.SerializeToElement<object?>(null) : value;
}
