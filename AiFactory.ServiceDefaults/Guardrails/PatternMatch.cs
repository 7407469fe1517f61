namespace AiFactory.ServiceDefaults.Guardrails;

/// <summary>What a search came to.</summary>
/// <param name="Start">-1 where nothing is found.</param>
/// <param name="Length">0 where nothing is found that more text could not change.</param>
/// <param name="Undecided">Where nothing is found: from here on more text may make a match; the text's end where nothing could.</param>
public readonly record struct PatternMatch(int Start, int Length, int Undecided);
