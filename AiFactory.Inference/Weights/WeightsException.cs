namespace AiFactory.Inference.Weights;

/// <summary>Weights that cannot be had, with the reason.</summary>
internal sealed class WeightsException(string message, WeightsFault fault = WeightsFault.Wanted) : Exception(message)
{
    public WeightsFault Fault { get; } = fault;
}
