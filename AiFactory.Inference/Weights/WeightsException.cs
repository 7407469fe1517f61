namespace AiFactory.Inference.Weights;

/// <summary>Weights that cannot be had, with the reason.</summary>
internal sealed class WeightsException(string message) : Exception(message);
