namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

internal sealed record PdfPage(PdfObject.Dictionary Resources, ReadOnlyMemory<byte> Contents);
