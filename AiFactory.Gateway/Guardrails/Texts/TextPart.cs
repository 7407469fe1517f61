namespace AiFactory.Gateway.Guardrails.Texts;

/// <summary>A part of a text.</summary>
/// <param name="Start">In <see cref="TextParts"/>.</param>
/// <param name="IsChanged">Whether it is another already than in its document.</param>
internal readonly record struct TextPart(TextPlace Place, int Start, int End, bool IsChanged);
