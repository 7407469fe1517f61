using System.Text.Json;
using AiFactory.Contracts.Builder.Flows;
using static AiFactory.Builder.Steps.StepDescription;

namespace AiFactory.Builder.Steps.Types;

/// <summary>What the run was started with.</summary>
internal sealed class InputStep : IStepType
{
    internal const string Type = "input";

    public StepTypeResponse Description { get; } = new(
        Type, "Input", "What the flow is asked: a text, the conversation before it, and whatever else the caller sends.",
        [],
        [Gives("text", PortTypes.Text), Gives("messages", PortTypes.Messages), Gives("json", PortTypes.Json)],
        []);

    public StepPolicy Policy => StepPolicy.Local;

    public async Task<StepOutcome> RunAsync(StepContext context, CancellationToken cancellationToken)
    {
        var input = await context.ReadRunInputAsync(cancellationToken);
        var text = input.TryGetProperty("text", out var asked) ? PortValues.ToText(asked) : "";
        var history = input.TryGetProperty("messages", out var before) ? PortValues.Messages(before) : [];
        var messages = history.Append(("user", text)).Select(message => new { role = message.Item1, content = message.Item2 });
        return StepOutcome.Of(("text", PortValues.Text(text)), ("messages", JsonSerializer.SerializeToElement(messages)), ("json", input));
    }
}
