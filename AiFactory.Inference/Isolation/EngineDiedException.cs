namespace AiFactory.Inference.Isolation;

/// <summary>The process of a model ended by itself, or was ended because it hung.</summary>
internal sealed class EngineDiedException(string message) : Exception(message);
