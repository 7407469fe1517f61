namespace AiFactory.Inference.Lifecycle;

internal enum ModelPowerState
{
    /// <summary>In memory, or on its way there for the first time.</summary>
    Awake,

    /// <summary>Out of memory; requests wait.</summary>
    Asleep,

    /// <summary>Out of memory; requests are refused.</summary>
    Unloaded,

    /// <summary>On its way back; requests wait.</summary>
    Waking,
}
