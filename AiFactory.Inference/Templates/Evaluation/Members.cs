using AiFactory.Inference.Templates.Functions;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Evaluation;

/// <summary><c>value.name</c> and <c>value[key]</c>. There are no other members than those of the tables: nothing of the runtime can be reached.</summary>
internal static class Members
{
    /// <summary>The method of the name comes before the key of the name, as in Python.</summary>
    public static TemplateValue Attribute(TemplateValue value, string name, RenderContext context) => value switch
    {
        UndefinedValue undefined => throw context.Fail($"{undefined.Description}, so it has no '{name}'"),
        MapValue map => MapMethods.Find(map, name) ?? map.Find(name) ?? Missing(value, name),
        StringValue text => StringMethods.Find(text, name) ?? Missing(value, name),
        ListValue list => ListMethods.Find(list, name) ?? Missing(value, name),
        LoopValue loop => loop.Attribute(name) ?? LoopMethods.Find(loop, name) ?? Missing(value, name),
        NamespaceValue space => space.Attributes.GetValueOrDefault(name) ?? Missing(value, name),
        _ => Missing(value, name),
    };

    /// <summary>The key of the name comes before the method of the name.</summary>
    public static TemplateValue Item(TemplateValue value, TemplateValue key, RenderContext context)
    {
        switch (value, key)
        {
            case (UndefinedValue undefined, _):
                throw context.Fail($"{undefined.Description}, so it has no items");
            case (MapValue map, StringValue name):
                return Equality.Find(map, name, context) ?? Attribute(value, name.Text, context);
            case (MapValue map, _) when map.Find(key) is { } found:
                return found;
            case (StringValue or ListValue, IntegerValue or BooleanValue):
                _ = Numbers.TryReadWhole(key, out var index);
                return At(value, index);
            case (_, StringValue name):
                return Attribute(value, name.Text, context);
            default:
                return new UndefinedValue($"{value.TypeName} has no item of the kind {key.TypeName}");
        }
    }

    private static TemplateValue At(TemplateValue value, long index)
    {
        var count = Sequences.Count(value) ?? 0;
        var place = index < 0 ? index + count : index;
        return place < 0 || place >= count ? new UndefinedValue($"{value.TypeName} has {count} items and none at {index}")
            : value is ListValue list ? list.Items[(int)place]
            : ((StringValue)value).Substring((int)place, 1);
    }

    private static UndefinedValue Missing(TemplateValue value, string name) => new($"{value.TypeName} has no '{name}'");
}
