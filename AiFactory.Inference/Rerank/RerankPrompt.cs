using System.Text;
using System.Text.RegularExpressions;
using AiFactory.Inference.Chat;
using AiFactory.Inference.Native;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Rerank;

/// <summary>Puts a query and a document together as the ranker was trained to see them: by the template in its file, else with the vocabulary's own marks, <c>BOS query EOS SEP document EOS</c>.</summary>
internal sealed partial class RerankPrompt(LlamaModel model)
{
    private readonly string? _template = model.GetRerankTemplate();
    private readonly (int[] Begin, int[] Between, int[] End) _marks = model.GetPairMarks();
    private readonly PromptTokenizer _tokenizer = new(model);

    /// <summary>The texts come with the request: what looks like a control token in them is text.</summary>
    public int[] Tokenize(string query, string document) => For(query)(document);

    /// <summary>For many documents: without a template the query is tokenized once.</summary>
    public Func<string, int[]> For(string query)
    {
        if (_template is { } template)
        {
            return document => _tokenizer.Tokenize(Render(template, query, document));
        }

        int[] opening = [.. _marks.Begin, .. Plain(query), .. _marks.Between];
        return document => [.. opening, .. Plain(document), .. _marks.End];
    }

    /// <summary>In one pass, so that a query that has <c>{document}</c> in it stays as it is.</summary>
    internal static StringValue Render(string template, string query, string document)
    {
        var (text, data) = (new StringBuilder(), new List<TextRange>());
        foreach (var part in Places.Split(template))
        {
            var given = part switch { "{query}" => query, "{document}" => document, _ => null };
            if (given is { Length: > 0 })
            {
                data.Add(new TextRange(text.Length, given.Length));
            }

            text.Append(given ?? part);
        }

        return new StringValue(text.ToString(), Join(data));
    }

    /// <summary>Ranges that touch are one.</summary>
    private static List<TextRange> Join(List<TextRange> ranges)
    {
        var joined = new List<TextRange>();
        foreach (var range in ranges)
        {
            if (joined is [.., var last] && last.End == range.Start)
            {
                joined[^1] = last with { Length = last.Length + range.Length };
            }
            else
            {
                joined.Add(range);
            }
        }

        return joined;
    }

    private int[] Plain(string text) => text.Length == 0 ? [] : model.Tokenize(text, addSpecial: false, parseSpecial: false);

    [GeneratedRegex(@"(\{query\}|\{document\})")]
    private static partial Regex Places { get; }
}
