namespace AiFactory.Inference.Engine.Sampling;

/// <summary>Marks of what a model thinks before the answer that is held.</summary>
/// <param name="Begin">Empty where the prompt has begun it.</param>
/// <param name="MustAnswer">Whether the answer may not end before the thoughts do.</param>
internal sealed record HeldThought(string Begin, string End, bool MustAnswer);
