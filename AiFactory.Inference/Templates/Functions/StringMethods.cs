using System.Collections.Frozen;
using AiFactory.Inference.Templates.Evaluation;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Functions;

/// <summary>The methods of a text, as Python has them.</summary>
internal static class StringMethods
{
    private static readonly FrozenDictionary<string, Func<StringValue, CallArguments, TemplateValue>> Methods =
        new Dictionary<string, Func<StringValue, CallArguments, TemplateValue>>
        {
            ["capitalize"] = (text, arguments) => Texts.Capitalize(text, arguments.Context),
            ["count"] = Count,
            ["endswith"] = (text, arguments) => Affix(text, text.Text.EndsWith, arguments),
            ["find"] = (text, arguments) => Place(text, arguments, (within, part) => within.IndexOf(part, StringComparison.Ordinal)),
            ["format"] = TextFormat.Format,
            ["isalnum"] = (text, _) => All(text, char.IsLetterOrDigit),
            ["isalpha"] = (text, _) => All(text, char.IsLetter),
            ["isdigit"] = (text, _) => All(text, char.IsDigit),
            ["islower"] = (text, _) => BooleanValue.Of(text.Text.Any(char.IsLower) && !text.Text.Any(char.IsUpper)),
            ["isspace"] = (text, _) => All(text, char.IsWhiteSpace),
            ["isupper"] = (text, _) => BooleanValue.Of(text.Text.Any(char.IsUpper) && !text.Text.Any(char.IsLower)),
            ["join"] = Join,
            ["lower"] = (text, arguments) => Texts.Lower(text, arguments.Context),
            ["lstrip"] = (text, arguments) => Texts.Trim(text, arguments.FindText(0, "chars")?.Text, arguments.Context, atEnd: false),
            ["partition"] = (text, arguments) => Partition(text, arguments, isLeft: true),
            ["removeprefix"] = (text, arguments) => Cut(text, arguments.RequireText(0, "prefix").Text, arguments.Context, atStart: true),
            ["removesuffix"] = (text, arguments) => Cut(text, arguments.RequireText(0, "suffix").Text, arguments.Context, atStart: false),
            ["replace"] = (text, arguments) => TextFilters.Replace(text, arguments),
            ["rfind"] = (text, arguments) => Place(text, arguments, (within, part) => within.LastIndexOf(part, StringComparison.Ordinal)),
            ["rpartition"] = (text, arguments) => Partition(text, arguments, isLeft: false),
            ["rsplit"] = (text, arguments) => Split(text, arguments, Texts.SplitFromEnd),
            ["rstrip"] = (text, arguments) => Texts.Trim(text, arguments.FindText(0, "chars")?.Text, arguments.Context, atStart: false),
            ["split"] = (text, arguments) => Split(text, arguments, Texts.Split),
            ["splitlines"] = SplitLines,
            ["startswith"] = (text, arguments) => Affix(text, text.Text.StartsWith, arguments),
            ["strip"] = (text, arguments) => Texts.Trim(text, arguments.FindText(0, "chars")?.Text, arguments.Context),
            ["title"] = (text, arguments) => Texts.Title(text, char.IsLetter, arguments.Context),
            ["upper"] = (text, arguments) => Texts.Upper(text, arguments.Context),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    public static TemplateValue? Find(StringValue text, string name) =>
        Methods.TryGetValue(name, out var method) ? new FunctionValue(name, arguments =>
        {
            arguments.Context.Scan(text.Text.Length);
            return method(text, arguments);
        })
        : null;

    private static IntegerValue Count(StringValue text, CallArguments arguments)
    {
        var part = arguments.RequireText(0, "sub").Text;
        return new IntegerValue(
            Within(text, arguments, out var _) is not { } within ? 0
            : part.Length == 0 ? within.Count + 1
            : Texts.Split(within, part, -1, arguments.Context).Count - 1);
    }

    /// <summary>Where a text is found, counted in code points from the beginning of the whole; -1 when it is not.</summary>
    private static IntegerValue Place(StringValue text, CallArguments arguments, Func<string, string, int> search)
    {
        var part = arguments.RequireText(0, "sub").Text;
        if (Within(text, arguments, out var start) is not { } within)
        {
            return new IntegerValue(-1);
        }

        arguments.Context.Search(within.Text.Length, part.Length);
        var found = search(within.Text, part);
        return new IntegerValue(found < 0 ? -1 : start + StringValue.CountPoints(within.Text.AsSpan(0, found)));
    }

    /// <summary>What lies between the arguments behind the text that is looked for, as in a slice; null when they are in the wrong order.</summary>
    private static StringValue? Within(StringValue text, CallArguments arguments, out int start)
    {
        arguments.Expect(3);
        var count = text.Count;
        var (from, to) = (Bound(1, 0), Math.Min(Bound(2, count), count));
        start = (int)Math.Min(from, count);
        if (from > to)
        {
            return null;
        }

        var part = text.Substring(start, (int)to - start);
        arguments.Context.CountCharacters(part == text ? 0 : part.Text.Length);
        return part;

        long Bound(int index, long otherwise) => arguments.Find(index, "") is null or NoneValue ? otherwise
            : arguments.FindInteger(index, "a bound", otherwise) is var bound && bound < 0 ? Math.Max(0, bound + count)
            : bound;
    }

    /// <summary>One text, or a tuple of which one must fit.</summary>
    private static BooleanValue Affix(StringValue text, Func<string, StringComparison, bool> fits, CallArguments arguments)
    {
        arguments.Expect(1);
        return arguments.Require(0, "affix") switch
        {
            StringValue affix => BooleanValue.Of(Fits(affix)),
            ListValue { IsTuple: true } affixes => BooleanValue.Of(affixes.Items.Any(item => item is StringValue affix && Fits(affix))),
            var value => throw arguments.Fail($"takes a text or a tuple of texts, not {value.TypeName}"),
        };

        bool Fits(StringValue affix)
        {
            arguments.Context.Scan(Math.Min(affix.Text.Length, text.Text.Length));
            return fits(affix.Text, StringComparison.Ordinal);
        }
    }

    private static BooleanValue All(StringValue text, Func<char, bool> holds) => BooleanValue.Of(text.Text.Length > 0 && text.Text.All(holds));

    private static StringValue Join(StringValue text, CallArguments arguments)
    {
        arguments.Expect(1);
        return Texts.Join(text, SequenceFilters.Enumerate(arguments.Require(0, "iterable"), arguments)
            .Select(item => item is StringValue ? item : throw arguments.Fail($"joins texts, not {item.TypeName}")), arguments.Context);
    }

    private static ListValue Split(StringValue text, CallArguments arguments, Func<StringValue, string?, long, RenderContext, IReadOnlyList<StringValue>> split)
    {
        arguments.Expect(2, "sep", "maxsplit");
        var separator = arguments.FindText(0, "sep")?.Text;
        return separator?.Length == 0 ? throw arguments.Fail("the separator is empty") : new ListValue(split(text, separator, arguments.FindInteger(1, "maxsplit", -1), arguments.Context));
    }

    private static ListValue SplitLines(StringValue text, CallArguments arguments)
    {
        arguments.Expect(0);
        var lines = Texts.Split(Texts.Replace(text, "\r\n", StringValue.FromTemplate("\n"), -1, arguments.Context), "\n", -1, arguments.Context);
        return new ListValue(lines is [.., { Text: "" }] ? [.. lines.SkipLast(1)] : lines);
    }

    private static ListValue Partition(StringValue text, CallArguments arguments, bool isLeft)
    {
        var separator = arguments.RequireText(0, "sep");
        arguments.Context.CountCharacters(text.Text.Length);
        arguments.Context.Search(text.Text.Length, separator.Text.Length);
        var found = isLeft ? text.Text.IndexOf(separator.Text, StringComparison.Ordinal) : text.Text.LastIndexOf(separator.Text, StringComparison.Ordinal);
        return new ListValue(
            found >= 0 ? [text.Slice(0, found), separator, text.Slice(found + separator.Text.Length, text.Text.Length - found - separator.Text.Length)]
            : isLeft ? [text, StringValue.Empty, StringValue.Empty]
            : [StringValue.Empty, StringValue.Empty, text],
            isTuple: true);
    }

    private static StringValue Cut(StringValue text, string affix, RenderContext context, bool atStart)
    {
        context.CountCharacters(text.Text.Length);
        return !(atStart ? text.Text.StartsWith(affix, StringComparison.Ordinal) : text.Text.EndsWith(affix, StringComparison.Ordinal)) ? text
            : text.Slice(atStart ? affix.Length : 0, text.Text.Length - affix.Length);
    }
}
