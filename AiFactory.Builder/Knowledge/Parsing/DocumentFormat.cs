namespace AiFactory.Builder.Knowledge.Parsing;

/// <param name="ContentType">The type that a document of this kind is stored as.</param>
internal sealed record DocumentFormat(string ContentType, IDocumentParser Parser);
