namespace AiFactory.Builder.Knowledge.Parsing;

/// <summary>A document's text and how it is made up.</summary>
/// <param name="Text">The blocks, in order, with line breaks between them. Valid UTF-16 without NUL.</param>
internal sealed record ExtractedText(string Text, IReadOnlyList<TextBlock> Blocks);
