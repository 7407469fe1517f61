namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

/// <param name="Text">Null when the font does not say which character it is.</param>
/// <param name="Width">For a font of size 1.</param>
/// <param name="IsSpace">The code 32 of one byte, which word spacing applies to.</param>
internal readonly record struct PdfGlyph(string? Text, double Width, bool IsSpace);
