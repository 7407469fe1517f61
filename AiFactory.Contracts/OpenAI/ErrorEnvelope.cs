namespace AiFactory.Contracts.OpenAI;

/// <summary>What every failed call of the OpenAI surface answers: <c>{"error":{...}}</c>.</summary>
public sealed record ErrorEnvelope(ErrorBody Error);
