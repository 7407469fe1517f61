namespace AiFactory.Contracts.Library;

/// <summary>What a scan read from a model's file.</summary>
/// <param name="Format">For now <c>gguf</c>.</param>
/// <param name="Architecture">For example <c>llama</c>, <c>bert</c>.</param>
/// <param name="Task"><c>chat</c> or <c>embedding</c>, from the architecture.</param>
/// <param name="Quantization">The most used tensor type, for example <c>Q8_0</c>.</param>
/// <param name="ContextLength">Tokens.</param>
public sealed record ModelMetadata(
    string Format,
    string Architecture,
    string Task,
    string? Quantization,
    long Parameters,
    int ContextLength,
    int EmbeddingLength,
    int Layers,
    int VocabularySize,
    string? License,
    bool HasChatTemplate);
