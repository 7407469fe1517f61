using AiFactory.Inference.Templates.Evaluation;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Functions;

/// <summary>The methods of a dict that read it; those that change one are refused, as in Jinja's immutable sandbox.</summary>
internal static class MapMethods
{
    public static TemplateValue? Find(MapValue map, string name) => name switch
    {
        "get" => new FunctionValue(name, arguments => Get(map, arguments)),
        "items" => new FunctionValue(name, arguments => Items(map, arguments.Context)),
        "keys" => new FunctionValue(name, arguments => Counted(new ListValue([.. map.Keys]), arguments.Context)),
        "values" => new FunctionValue(name, arguments => Counted(new ListValue([.. map.Entries.Select(entry => entry.Value)]), arguments.Context)),
        "clear" or "pop" or "popitem" or "setdefault" or "update" when !map.Contains(name) =>
            new FunctionValue(name, arguments => throw arguments.Fail("would change a dict, which a template may not")),
        _ => null,
    };

    public static ListValue Items(MapValue map, RenderContext context) =>
        Counted(new ListValue([.. map.Entries.Select(entry => new ListValue([entry.Key, entry.Value], isTuple: true))]), context);

    private static TemplateValue Get(MapValue map, CallArguments arguments)
    {
        arguments.Expect(2, "default");
        return Equality.Find(map, arguments.Require(0, "key"), arguments.Context) ?? arguments.Find(1, "default") ?? NoneValue.Instance;
    }

    private static ListValue Counted(ListValue list, RenderContext context)
    {
        context.Step(list.Items.Count);
        return list;
    }
}
