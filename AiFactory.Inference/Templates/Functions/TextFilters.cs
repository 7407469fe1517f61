using AiFactory.Inference.Templates.Evaluation;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Functions;

/// <summary>Filters that give a text. What is no text is written first as Python writes it.</summary>
internal static class TextFilters
{
    public static TemplateValue Text(TemplateValue value, CallArguments arguments) => PythonText.Of(value, arguments.Context);

    public static TemplateValue Trim(TemplateValue value, CallArguments arguments)
    {
        arguments.Expect(1, "chars");
        return Texts.Trim(PythonText.Of(value, arguments.Context), arguments.FindText(0, "chars")?.Text, arguments.Context);
    }

    public static TemplateValue Upper(TemplateValue value, CallArguments arguments) => Texts.Upper(PythonText.Of(value, arguments.Context), arguments.Context);

    public static TemplateValue Lower(TemplateValue value, CallArguments arguments) => Texts.Lower(PythonText.Of(value, arguments.Context), arguments.Context);

    /// <summary>Unlike the method of the name, it goes on behind an apostrophe: <c>They're</c>.</summary>
    public static TemplateValue Title(TemplateValue value, CallArguments arguments) =>
        Texts.Title(PythonText.Of(value, arguments.Context), character => !char.IsWhiteSpace(character) && !"-({[<".Contains(character, StringComparison.Ordinal), arguments.Context);

    public static TemplateValue Capitalize(TemplateValue value, CallArguments arguments) => Texts.Capitalize(PythonText.Of(value, arguments.Context), arguments.Context);

    public static TemplateValue Replace(TemplateValue value, CallArguments arguments)
    {
        arguments.Expect(3, "old", "new", "count");
        return Texts.Replace(
            PythonText.Of(value, arguments.Context), arguments.RequireText(0, "old").Text, arguments.RequireText(1, "new"), arguments.FindInteger(2, "count", -1), arguments.Context);
    }

    public static TemplateValue Join(TemplateValue value, CallArguments arguments)
    {
        arguments.Expect(2, "d", "attribute");
        var items = Sequences.Enumerate(value, arguments.Context) ?? throw arguments.Fail($"takes a list, not {value.TypeName}");
        var attribute = arguments.FindText(1, "attribute");
        var separator = PythonText.Of(arguments.Find(0, "d") ?? StringValue.Empty, arguments.Context);
        return Texts.Join(separator, items.Select(item => attribute is null ? item : AttributePath.Follow(item, attribute.Text, arguments.Context)), arguments.Context);
    }

    /// <summary>Lines after the first are indented, empty ones are not, unless asked for.</summary>
    public static TemplateValue Indent(TemplateValue value, CallArguments arguments)
    {
        arguments.Expect(3, "width", "first", "blank");
        var indent = arguments.Find(0, "width") is StringValue given ? given : StringValue.FromTemplate(Blanks(arguments, "width", 4));
        var (first, blank) = (arguments.FindBoolean(1, "first", false), arguments.FindBoolean(2, "blank", false));
        var output = new TextBuilder(arguments.Context);
        var lines = Texts.Split(PythonText.Of(value, arguments.Context), "\n", -1, arguments.Context);
        for (var i = 0; i < lines.Count; i++)
        {
            output.Append(i == 0 ? "" : "\n");
            if (i == 0 ? first : blank || lines[i].Text.Length > 0)
            {
                output.Append(indent);
            }

            output.Append(lines[i]);
        }

        return output.ToValue();
    }

    public static TemplateValue Escape(TemplateValue value, CallArguments arguments)
    {
        var text = PythonText.Of(value, arguments.Context);
        foreach (var (character, entity) in (ReadOnlySpan<(string, string)>)[("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("'", "&#39;"), ("\"", "&#34;")])
        {
            text = Texts.Replace(text, character, StringValue.FromTemplate(entity), -1, arguments.Context);
        }

        return text;
    }

    /// <summary>transformers' own, not Jinja's, which escapes HTML.</summary>
    public static TemplateValue ToJson(TemplateValue value, CallArguments arguments)
    {
        arguments.Expect(1, "indent", "ensure_ascii", "separators", "sort_keys");
        var indent = arguments.Find(0, "indent") switch
        {
            null or NoneValue => null,
            StringValue text => text,
            _ => StringValue.FromTemplate(Blanks(arguments, "indent", 0)),
        };
        var (item, key) = arguments.Named.GetValueOrDefault("separators") switch
        {
            ListValue { Items: [StringValue first, StringValue second] } => (first, second),
            null or NoneValue => (StringValue.FromTemplate(indent is null ? ", " : ","), StringValue.FromTemplate(": ")),
            var separators => throw arguments.Fail($"'separators' is a pair of texts, not {separators.TypeName}"),
        };
        return new JsonText(
            arguments.Context, indent, item, key, arguments.FindBoolean(int.MaxValue, "sort_keys", false), arguments.FindBoolean(int.MaxValue, "ensure_ascii", false)).Write(value);
    }

    private static string Blanks(CallArguments arguments, string name, int otherwise) =>
        arguments.FindInteger(0, name, otherwise) is >= 0 and <= 1000 and var width ? new string(' ', (int)width) : throw arguments.Fail($"'{name}' lies between 0 and 1000");
}
