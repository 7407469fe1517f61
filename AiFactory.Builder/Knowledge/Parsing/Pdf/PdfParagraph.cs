namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

/// <param name="Size">Of its font, in points.</param>
internal sealed record PdfParagraph(string Text, double Size);
