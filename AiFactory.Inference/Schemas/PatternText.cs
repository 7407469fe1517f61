namespace AiFactory.Inference.Schemas;

/// <summary>A regular expression as GBNF.</summary>
/// <param name="Least">Characters of the shortest text that it allows.</param>
/// <param name="Most">Characters of the longest; <see cref="long.MaxValue"/> when there is no limit.</param>
internal readonly record struct PatternText(string Gbnf, long Least, long Most);
