using AiFactory.Contracts.Builder.Flows;
using static AiFactory.Builder.Steps.StepDescription;

namespace AiFactory.Builder.Steps.Types;

/// <summary>Passes what comes in on to one of two branches; the other is skipped.</summary>
internal sealed class ConditionStep : IStepType
{
    public StepTypeResponse Description { get; } = new(
        "condition", "Condition", "Goes on with 'true' or with 'false', and skips the other branch.",
        [Needs("in", PortTypes.Any)],
        [Gives("true", PortTypes.Any), Gives("false", PortTypes.Any)],
        [.. ValueTest.Settings("The input")]);

    public StepPolicy Policy => StepPolicy.Local;

    public IEnumerable<(string Setting, string Complaint)> Check(StepSettings settings) => ValueTest.Check(settings);

    public Task<StepOutcome> RunAsync(StepContext context, CancellationToken cancellationToken)
    {
        var value = context.Inputs.First("in") ?? default;
        return Task.FromResult<StepOutcome>(StepOutcome.Of((ValueTest.Holds(value, context.Settings) ? "true" : "false", value)));
    }
}
