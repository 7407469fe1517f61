namespace AiFactory.Inference.Engine.Sampling;

/// <summary>How probable the model found a token, before anything was asked of the answer.</summary>
/// <param name="Bytes">Its text, which need not be whole characters.</param>
/// <param name="Logprob">The probability's natural logarithm.</param>
/// <param name="Top">The most probable tokens in its place; empty for one of those.</param>
internal sealed record TokenLogprob(byte[] Bytes, float Logprob, IReadOnlyList<TokenLogprob> Top);
