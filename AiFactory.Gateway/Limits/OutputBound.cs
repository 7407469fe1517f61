namespace AiFactory.Gateway.Limits;

/// <summary>What a request says of the length of its answer.</summary>
/// <param name="Tokens">At most so many for each answer; null where it does not say.</param>
/// <param name="Choices">How many answers.</param>
internal readonly record struct OutputBound(long? Tokens, int Choices);
