using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using AngleSharp.Html.Parser.Tokens.Struct;

namespace AiFactory.Builder.Knowledge.Parsing;

/// <summary>
/// Ends the parsing of a page that is made as no page is. The parser lays what is nested deeper than 512 elements side by side, as browsers do, so that no
/// stack runs over; but it goes through all that is open for each element, and its time grows with the square of that: three minutes for 90,000 open ones.
/// </summary>
internal sealed class HtmlLimits(CancellationToken cancellationToken)
{
    /// <summary>Elements, comments and pieces of text; five bytes of a page can be an object of a hundred in memory.</summary>
    private const int MostTokens = 5_000_000;

    /// <summary>Elements at the greatest depth.</summary>
    private const int MostDeep = 5000;

    /// <summary>To look how deep an element lies takes time too: this share of them is looked at.</summary>
    private const int Share = 64;

    /// <summary>What is read of the text, and what says how the page is encoded. Others are not kept: there may be more of them than elements.</summary>
    private static readonly HashSet<string> Attributes = new(StringComparer.OrdinalIgnoreCase) { "alt", "aria-hidden", "charset", "content", "hidden", "http-equiv" };

    private int _tokens;
    private int _elements;
    private int _deep;
    private INode? _last;

    /// <summary>For one document, or for the pieces of one.</summary>
    internal HtmlParserOptions Options => new()
    {
        SkipComments = true,
        ShouldEmitAttribute = (ref StructHtmlToken _, ReadOnlyMemory<char> name) => Attributes.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name.Span),
        OnToken = (_, _) => CountToken(),
        OnCreated = (element, _) => CountElement(element),
    };

    private void CountToken()
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (++_tokens > MostTokens)
        {
            throw new DocumentException($"The page has more than {MostTokens} elements, comments and pieces of text.");
        }
    }

    private void CountElement(IElement element)
    {
        // The one before it has its place in the tree by now.
        if (++_elements % Share == 0 && Depth(_last) >= HtmlParserOptions.DefaultMaximumDepth - 1 && ++_deep > MostDeep / Share)
        {
            throw new DocumentException($"The page is nested too deeply: more than {MostDeep} elements lie {HtmlParserOptions.DefaultMaximumDepth} deep or deeper.");
        }

        _last = element;
    }

    private static int Depth(INode? node)
    {
        var depth = 0;
        for (; node?.Parent is not null; node = node.Parent)
        {
            depth++;
        }

        return depth;
    }
}
