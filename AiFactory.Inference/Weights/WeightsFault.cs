namespace AiFactory.Inference.Weights;

/// <summary>Whose fault it is that weights cannot be had.</summary>
internal enum WeightsFault
{
    /// <summary>What is wanted is not there, or none that can be used.</summary>
    Wanted,

    /// <summary>The store refuses this worker.</summary>
    Refused,

    /// <summary>The store does not answer, or cannot just now.</summary>
    Unreachable,
}
