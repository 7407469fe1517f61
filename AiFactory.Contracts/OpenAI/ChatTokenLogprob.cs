namespace AiFactory.Contracts.OpenAI;

/// <param name="Token">Its text; bytes that are no character are U+FFFD in it.</param>
/// <param name="Logprob">The probability's natural logarithm.</param>
/// <param name="Bytes">Its text in UTF-8, of which it may be a part.</param>
/// <param name="TopLogprobs">The most probable tokens in its place; absent for one of those.</param>
public sealed record ChatTokenLogprob(string Token, float Logprob, IReadOnlyList<int> Bytes, IReadOnlyList<ChatTokenLogprob>? TopLogprobs = null);
