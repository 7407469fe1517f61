using AiFactory.Contracts.Builder.Flows;

namespace AiFactory.Builder.Flows.Bodies;

/// <param name="Pins">JSON, by name: <c>{"summarise":{"flowId":"0197...","revision":3}}</c>. Null when no step runs a flow.</param>
/// <param name="Problems">What keeps the graph from being run, each at the step at fault.</param>
internal sealed record BodyResolution(string? Pins, IReadOnlyList<GraphProblem> Problems)
{
    internal static BodyResolution Nothing { get; } = new(null, []);
}
