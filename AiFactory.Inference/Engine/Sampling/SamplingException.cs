namespace AiFactory.Inference.Engine.Sampling;

/// <summary>What a request asks of its answer leaves no next token.</summary>
internal sealed class SamplingException(string message) : Exception(message);
