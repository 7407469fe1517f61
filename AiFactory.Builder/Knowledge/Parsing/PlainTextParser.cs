namespace AiFactory.Builder.Knowledge.Parsing;

/// <summary>Paragraphs are what stands between empty lines.</summary>
internal sealed class PlainTextParser : IDocumentParser
{
    public ExtractedText Parse(DocumentContent content, ParseLimits limits, CancellationToken cancellationToken)
    {
        var text = TextDecoding.Decode(content).ReplaceLineEndings("\n");
        var builder = new ExtractedTextBuilder(limits.TextLength);
        var start = 0;
        var position = 0;
        while (position < text.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var end = text.IndexOf('\n', position);
            end = end < 0 ? text.Length : end;
            if (text.AsSpan(position, end - position).IsWhiteSpace())
            {
                builder.AddWrapped(text[start..position]);
                start = Math.Min(end + 1, text.Length);
            }

            position = end + 1;
        }

        builder.AddWrapped(text[start..]);
        return builder.Build("The document is empty.");
    }
}
