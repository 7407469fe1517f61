using System.Globalization;
using AiFactory.Inference.Templates.Evaluation;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Functions;

/// <summary>The <c>attribute</c> of filters: <c>function.name</c>, or <c>0.name</c> with the place in a list.</summary>
internal static class AttributePath
{
    public static TemplateValue Follow(TemplateValue value, string path, RenderContext context)
    {
        context.CountCharacters(path.Length);
        foreach (var part in path.Split('.'))
        {
            TemplateValue key = long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var place) ? new IntegerValue(place) : StringValue.FromTemplate(part);
            value = Members.Item(value, key, context);
        }

        return value;
    }

    /// <summary>The attribute as an argument gives it: a text, or a place.</summary>
    public static TemplateValue Follow(TemplateValue value, TemplateValue attribute, CallArguments arguments) => attribute switch
    {
        StringValue path => Follow(value, path.Text, arguments.Context),
        IntegerValue place => Members.Item(value, place, arguments.Context),
        _ => throw arguments.Fail($"'attribute' is a text, not {attribute.TypeName}"),
    };
}
