namespace AiFactory.Builder.Knowledge.Parsing;

/// <summary>A document as it was uploaded.</summary>
/// <param name="Charset">As the upload named it; null when it did not.</param>
internal sealed record DocumentContent(string Name, string? Charset, byte[] Bytes);
