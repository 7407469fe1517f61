using System.Text;
using AngleSharp;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace AiFactory.Builder.Knowledge.Parsing;

/// <summary>What a reader of the page sees, without its navigation. Nothing that the page refers to is fetched.</summary>
internal sealed class HtmlDocumentParser : IDocumentParser
{
    private static readonly HashSet<string> Left = new(StringComparer.OrdinalIgnoreCase)
    {
        "SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "HEAD", "NAV", "SVG", "MATH", "IFRAME", "OBJECT", "CANVAS", "BUTTON", "SELECT", "TEXTAREA", "AUDIO", "VIDEO",
    };

    private static readonly HashSet<string> Inlines = new(StringComparer.OrdinalIgnoreCase)
    {
        "A", "ABBR", "B", "BDI", "BDO", "CITE", "CODE", "DATA", "DEL", "DFN", "EM", "FONT", "I", "INS", "KBD", "LABEL", "MARK", "Q", "S", "SAMP", "SMALL", "SPAN",
        "STRONG", "SUB", "SUP", "TIME", "TT", "U", "VAR", "WBR", "BR", "IMG",
    };

    public ExtractedText Parse(DocumentContent content, ParseLimits limits, CancellationToken cancellationToken)
    {
        var nesting = new HtmlLimits(cancellationToken);
        using var context = BrowsingContext.New(Configuration.Default.WithOnly<IHtmlParser>(context => new HtmlParser(nesting.Options, context)));
        using var stream = new MemoryStream(content.Bytes, writable: false);
        // No requester is configured, so that opening awaits nothing but the stream, which is memory.
        using var document = context.OpenAsync(
            request => request.Content(stream).Header("Content-Type", content.Charset is { } charset ? $"text/html; charset={charset}" : "text/html"),
            cancellationToken).GetAwaiter().GetResult();
        var builder = new ExtractedTextBuilder(limits.TextLength);
        if (document.Body is { } body)
        {
            if (document.Title is { Length: > 0 } title && document.QuerySelector("h1") is null)
            {
                builder.AddHeading(1, title);
            }

            new Walk(builder).Run(body, cancellationToken);
        }

        return builder.Build("The page has no text.");
    }

    /// <summary>Walks without recursion: a page may be nested deeper than the stack is.</summary>
    private sealed class Walk(ExtractedTextBuilder builder)
    {
        private readonly StringBuilder _run = new();
        private readonly List<string> _cells = [];
        private int _heading;
        private int _preformatted;
        private int _cellDepth;
        private bool _item;

        internal void Run(IElement root, CancellationToken cancellationToken)
        {
            // Places among the children, because a node finds its next sibling only by looking through all of them.
            var open = new Stack<(IElement Element, int Next)>([(root, 0)]);
            while (open.TryPop(out var place))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (place.Next >= place.Element.ChildNodes.Length)
                {
                    if (place.Element != root)
                    {
                        Leave(place.Element);
                    }

                    continue;
                }

                open.Push((place.Element, place.Next + 1));
                switch (place.Element.ChildNodes[place.Next])
                {
                    case IText text:
                        _run.Append(text.Data);
                        break;
                    case IElement element when !IsLeft(element):
                        Enter(element);
                        open.Push((element, 0));
                        break;
                }
            }

            Flush();
        }

        private static bool IsLeft(IElement element) =>
            Left.Contains(element.LocalName) || element.HasAttribute("hidden") || element.GetAttribute("aria-hidden") == "true";

        private void Enter(IElement element)
        {
            switch (element.LocalName)
            {
                case "br":
                    _run.Append(_preformatted > 0 ? '\n' : ' ');
                    return;
                case "img":
                    _run.Append(' ').Append(element.GetAttribute("alt"));
                    return;
                case "td" or "th":
                    _cellDepth++;
                    return;
            }

            if (Inlines.Contains(element.LocalName))
            {
                return;
            }

            Flush();
            switch (element.LocalName)
            {
                case ['h', >= '1' and <= '6' and var level]:
                    _heading = level - '0';
                    break;
                case "pre":
                    _preformatted++;
                    break;
                case "li":
                    _item = true;
                    break;
            }
        }

        private void Leave(IElement element)
        {
            switch (element.LocalName)
            {
                case "td" or "th":
                    _cells.Add(_run.ToString());
                    _run.Clear();
                    _cellDepth = Math.Max(0, _cellDepth - 1);
                    return;
                case "tr":
                    builder.AddRow(_cells);
                    _cells.Clear();
                    return;
            }

            if (Inlines.Contains(element.LocalName))
            {
                return;
            }

            Flush();
            switch (element.LocalName)
            {
                case ['h', >= '1' and <= '6']:
                    _heading = 0;
                    break;
                case "pre":
                    _preformatted--;
                    break;
                case "li":
                    _item = false;
                    break;
            }
        }

        private void Flush()
        {
            // Blocks within a cell stay one cell.
            if (_cellDepth > 0)
            {
                _run.Append(' ');
                return;
            }

            var text = _run.ToString();
            _run.Clear();
            if (_preformatted > 0)
            {
                builder.AddLines(text);
            }
            else if (string.IsNullOrWhiteSpace(text))
            {
                return;
            }
            else if (_heading > 0)
            {
                builder.AddHeading(_heading, text);
            }
            else if (_item)
            {
                builder.AddItem("- " + text.Trim());
            }
            else
            {
                builder.AddParagraph(text);
            }
        }
    }
}
