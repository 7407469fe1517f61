namespace AiFactory.Contracts.Builder.Flows;

/// <param name="Type">See <see cref="PortTypes"/>.</param>
/// <param name="Required">A graph in which it is not connected cannot be run.</param>
/// <param name="Multiple">Several edges may end here; what they bring is taken in the order of the edges.</param>
public sealed record StepInput(string Name, string Type, bool Required, bool Multiple = false);
