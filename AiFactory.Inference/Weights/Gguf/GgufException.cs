namespace AiFactory.Inference.Weights.Gguf;

/// <summary>A file that is not what it says it is: it is refused before llama.cpp sees it.</summary>
internal sealed class GgufException(string reason) : Exception($"The model is refused: {reason}.");
