namespace AiFactory.Builder.Knowledge.Parsing;

/// <summary>What reading one document may come to.</summary>
/// <param name="TextLength">Of its text, in characters.</param>
/// <param name="PdfBytes">What a PDF may unpack to.</param>
internal sealed record ParseLimits(int TextLength, long PdfBytes);
