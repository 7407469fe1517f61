using Markdig;
using Markdig.Helpers;
using Markdig.Parsers;

namespace AiFactory.Builder.Knowledge.Parsing;

/// <summary>
/// Ends the parsing of a paragraph when its time is over: of one with very many brackets, a link is looked for to the paragraph's end at each. It stands before
/// the parsers of all marks, looks at the time, and leaves the mark to them.
/// </summary>
internal sealed class MarkdownTime : InlineParser
{
    private static readonly object Key = new();

    internal MarkdownTime()
    {
        OpeningCharacters = ['[', ']', '!', '<', '`', '*', '_', '&', '|', '\\'];
    }

    internal static MarkdownParserContext Context(CancellationToken cancellationToken)
    {
        var context = new MarkdownParserContext();
        context.Properties[Key] = cancellationToken;
        return context;
    }

    public override bool Match(InlineProcessor processor, ref StringSlice slice)
    {
        if (processor.Context?.Properties.TryGetValue(Key, out var value) == true && value is CancellationToken token)
        {
            token.ThrowIfCancellationRequested();
        }

        return false;
    }
}
