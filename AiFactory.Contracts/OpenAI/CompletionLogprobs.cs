namespace AiFactory.Contracts.OpenAI;

/// <summary>How probable the tokens of a completion were: by token, in the same order.</summary>
/// <param name="TextOffset">Where each begins in the text, in characters.</param>
/// <param name="TopLogprobs">The most probable tokens in the place of each, by their texts.</param>
public sealed record CompletionLogprobs(
    IReadOnlyList<string> Tokens,
    IReadOnlyList<float> TokenLogprobs,
    IReadOnlyList<IReadOnlyDictionary<string, float>> TopLogprobs,
    IReadOnlyList<int> TextOffset);
