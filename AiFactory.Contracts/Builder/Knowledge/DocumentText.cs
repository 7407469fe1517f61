namespace AiFactory.Contracts.Builder.Knowledge;

/// <summary>A part of the text that was taken out of a document. Offsets count UTF-16 code units, as strings of C# and JavaScript do.</summary>
/// <param name="Total">The length of the whole text.</param>
public sealed record DocumentText(string Text, int Start, int Length, int Total);
