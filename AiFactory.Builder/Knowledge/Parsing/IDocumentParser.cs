namespace AiFactory.Builder.Knowledge.Parsing;

/// <summary>Takes the text out of one kind of document.</summary>
internal interface IDocumentParser
{
    /// <exception cref="DocumentException">The document is broken, protected, or has no text.</exception>
    ExtractedText Parse(DocumentContent content, ParseLimits limits, CancellationToken cancellationToken);
}
