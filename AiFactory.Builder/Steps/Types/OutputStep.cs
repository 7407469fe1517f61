using AiFactory.Contracts.Builder.Flows;
using static AiFactory.Builder.Steps.StepDescription;

namespace AiFactory.Builder.Steps.Types;

/// <summary>What the run answers. Its outputs have no port to go on from: the run's own output is read from them.</summary>
internal sealed class OutputStep : IStepType
{
    internal const string Type = "output";

    internal static IReadOnlyList<string> Ports { get; } = ["text", "json", "passages"];

    public StepTypeResponse Description { get; } = new(
        Type, "Output", "What the flow answers. Of several branches the one that was taken is answered.",
        [Takes("text", PortTypes.Text, multiple: true), Takes("json", PortTypes.Json), Takes("passages", PortTypes.Passages)],
        [],
        []);

    public StepPolicy Policy => StepPolicy.Local;

    public Task<StepOutcome> RunAsync(StepContext context, CancellationToken cancellationToken)
    {
        var outputs = new Dictionary<string, System.Text.Json.JsonElement>(StringComparer.Ordinal);
        if (context.Inputs.Text("text") is { } text)
        {
            outputs["text"] = PortValues.Text(text);
        }

        foreach (var port in (string[])["json", "passages"])
        {
            if (context.Inputs.First(port) is { } value)
            {
                outputs[port] = value;
            }
        }

        return Task.FromResult<StepOutcome>(new StepOutcome.Done(outputs));
    }
}
