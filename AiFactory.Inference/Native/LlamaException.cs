namespace AiFactory.Inference.Native;

/// <summary>llama.cpp refused; the message holds what it said.</summary>
internal sealed class LlamaException(string message) : Exception(message);
