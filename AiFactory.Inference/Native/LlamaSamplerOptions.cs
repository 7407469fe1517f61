namespace AiFactory.Inference.Native;

/// <summary>How a token is chosen.</summary>
/// <param name="Temperature">0 takes the most probable token.</param>
/// <param name="TopK">0 keeps all.</param>
/// <param name="RepetitionPenalty">Divides the logits of tokens that the prompt or the answer has; 1 is none.</param>
internal sealed record LlamaSamplerOptions(
    float Temperature,
    float TopP,
    int TopK,
    float MinP,
    uint Seed,
    float RepetitionPenalty,
    float FrequencyPenalty,
    float PresencePenalty)
{
    /// <summary>Keeps the tokens that are as surprising as the model expects the next one to be, with this share together; 1 keeps all.</summary>
    public float TypicalP { get; init; } = 1;
}
