namespace AiFactory.Inference.Engine;

/// <summary>The worker stops, or the model is being unloaded.</summary>
internal sealed class EngineStoppedException() : Exception("The engine has stopped.");
