namespace AiFactory.Inference.Grammars;

/// <summary>
/// What an answer may look like, in llama.cpp's GBNF (https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md), for example:
/// <code>
/// root ::= "yes" | "no" | number
/// number ::= "-"? [0-9]{1,15}   # repetitions: * + ? {2} {2,} {2,5}
/// </code>
/// Read by a parser of our own: llama.cpp's recurses without bound, prints the grammar, and says nothing of what is wrong with it; its matcher ends the process when it is given a token that it refuses.
/// </summary>
internal sealed class Grammar
{
    private Grammar(GrammarElement[] elements, CharacterClass[] classes, int[][] alternatives, int root, GrammarLimits limits)
    {
        Elements = elements;
        Classes = classes;
        Alternatives = alternatives;
        Root = root;
        Limits = limits;
    }

    /// <summary>All alternatives of all rules, one after the other, each with its end.</summary>
    public GrammarElement[] Elements { get; }

    public CharacterClass[] Classes { get; }

    /// <summary>By rule: where its alternatives begin in <see cref="Elements"/>. Those that no text can ever meet are left out.</summary>
    public int[][] Alternatives { get; }

    public int Root { get; }

    public GrammarLimits Limits { get; }

    /// <exception cref="GrammarException">It is no GBNF, goes over a limit, recurses to its left, or no answer can meet it.</exception>
    public static Grammar Parse(string text, GrammarLimits? limits = null)
    {
        var parser = new GbnfParser(text, limits ?? GrammarLimits.Default);
        parser.Read();
        var check = new GrammarCheck(parser);
        var elements = new List<GrammarElement>();
        var alternatives = new int[parser.Rules.Count][];
        for (var rule = 0; rule < parser.Rules.Count; rule++)
        {
            var begins = new List<int>();
            foreach (var alternative in parser.Rules[rule].Alternatives.Where(check.IsPossible))
            {
                begins.Add(elements.Count);
                elements.AddRange(alternative);
                elements.Add(new GrammarElement(GrammarElementKind.End));
            }

            alternatives[rule] = [.. begins];
        }

        var grammar = new Grammar([.. elements], [.. parser.Classes], alternatives, parser.Root, parser.Limits);
        try
        {
            // What overloads before the first character is the grammar's fault, and no answer's.
            _ = new GrammarMatcher(grammar);
            return grammar;
        }
        catch (GrammarOverloadException)
        {
            throw parser.FaultAt(parser.Rules[parser.Root].Offset, "an answer can begin in too many ways: join alternatives into character classes, or give fewer");
        }
    }
}
