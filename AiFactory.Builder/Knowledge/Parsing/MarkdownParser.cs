using System.Text;
using AngleSharp.Html.Parser;
using Markdig;
using Markdig.Extensions.Tables;
using Markdig.Extensions.Yaml;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace AiFactory.Builder.Knowledge.Parsing;

/// <summary>CommonMark with pipe tables; front matter is left out, of a link its text is kept.</summary>
internal sealed class MarkdownParser : IDocumentParser
{
    private const int MostDefinitions = 20_000;

    private static readonly MarkdownPipeline Pipeline = Build();

    public ExtractedText Parse(DocumentContent content, ParseLimits limits, CancellationToken cancellationToken)
    {
        var builder = new ExtractedTextBuilder(limits.TextLength);
        var pages = new HtmlParser(new HtmlLimits(cancellationToken).Options);
        foreach (var block in ParseTree(TextDecoding.Decode(content), cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Add(builder, pages, block);
        }

        return builder.Build("The document is empty.");
    }

    private static MarkdownPipeline Build()
    {
        var builder = new MarkdownPipelineBuilder().UsePipeTables().UseYamlFrontMatter().UseTaskLists();
        builder.InlineParsers.Insert(0, new MarkdownTime());
        return builder.Build();
    }

    private static MarkdownDocument ParseTree(string text, CancellationToken cancellationToken)
    {
        RefuseManyDefinitions(text);
        try
        {
            return Markdown.Parse(text, Pipeline, MarkdownTime.Context(cancellationToken));
        }
        catch (ArgumentException error) when (error.Message.Contains("nested", StringComparison.OrdinalIgnoreCase))
        {
            throw new DocumentException("The Markdown is nested too deeply.");
        }
    }

    /// <summary>At each definition of a link (<c>[a]: https://...</c>) the rest of its paragraph is copied, and nothing can stop that.</summary>
    private static void RefuseManyDefinitions(string text)
    {
        var definitions = 0;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            definitions = line.IsWhiteSpace() ? 0 : definitions + (line.Contains("]:", StringComparison.Ordinal) ? 1 : 0);
            if (definitions > MostDefinitions)
            {
                throw new DocumentException($"The Markdown has more than {MostDefinitions} definitions of links without an empty line between them.");
            }
        }
    }

    /// <summary>Markdig refuses deep nesting, so that this recursion has an end.</summary>
    private static void Add(ExtractedTextBuilder builder, HtmlParser pages, Block block)
    {
        switch (block)
        {
            case YamlFrontMatterBlock or LinkReferenceDefinitionGroup or ThematicBreakBlock:
                break;
            case HeadingBlock heading:
                builder.AddHeading(heading.Level, Text(heading.Inline));
                break;
            case HtmlBlock html:
                builder.AddParagraph(TextOfHtml(pages, html.Lines.ToString()));
                break;
            case CodeBlock code:
                builder.AddLines(code.Lines.ToString());
                break;
            case Table table:
                foreach (var row in table.OfType<TableRow>())
                {
                    builder.AddRow(row.OfType<TableCell>().Select(cell => string.Join(' ', cell.OfType<LeafBlock>().Select(leaf => Text(leaf.Inline)))));
                }

                break;
            case ListBlock list:
                AddList(builder, pages, list);
                break;
            case LeafBlock leaf:
                builder.AddParagraph(Text(leaf.Inline));
                break;
            case ContainerBlock container:
                foreach (var child in container)
                {
                    Add(builder, pages, child);
                }

                break;
        }
    }

    private static void AddList(ExtractedTextBuilder builder, HtmlParser pages, ListBlock list)
    {
        foreach (var item in list.OfType<ListItemBlock>())
        {
            var mark = list.IsOrdered ? $"{item.Order}. " : "- ";
            foreach (var child in item)
            {
                if (child is ParagraphBlock paragraph)
                {
                    builder.AddItem(mark + Text(paragraph.Inline));
                    mark = "";
                }
                else
                {
                    Add(builder, pages, child);
                }
            }
        }
    }

    private static string Text(ContainerInline? inlines)
    {
        var text = new StringBuilder();
        if (inlines is not null)
        {
            Append(text, inlines);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, Inline inline)
    {
        switch (inline)
        {
            case LiteralInline literal:
                text.Append(literal.Content.AsSpan());
                break;
            case CodeInline code:
                text.Append(code.Content);
                break;
            case HtmlEntityInline entity:
                text.Append(entity.Transcoded.AsSpan());
                break;
            case AutolinkInline link:
                text.Append(link.Url);
                break;
            case LineBreakInline or HtmlInline:
                text.Append(' ');
                break;
            case ContainerInline container:
                foreach (var child in container)
                {
                    Append(text, child);
                }

                break;
        }
    }

    private static string TextOfHtml(HtmlParser pages, string html) =>
        html.StartsWith("<!--", StringComparison.Ordinal) ? "" : pages.ParseDocument(html).Body?.TextContent ?? "";
}
