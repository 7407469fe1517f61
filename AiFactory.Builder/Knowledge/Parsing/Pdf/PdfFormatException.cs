namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

/// <summary>The file breaks the format; the message says where, for the log and for who uploaded it.</summary>
internal sealed class PdfFormatException(string message) : Exception(message);
