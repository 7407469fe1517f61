namespace AiFactory.Contracts.Builder.Flows;

/// <param name="Type">See <see cref="PortTypes"/>.</param>
public sealed record StepOutput(string Name, string Type);
