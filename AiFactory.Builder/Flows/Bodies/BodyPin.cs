namespace AiFactory.Builder.Flows.Bodies;

/// <summary>The revision of a flow that a step runs.</summary>
internal sealed record BodyPin(Guid FlowId, int Revision);
