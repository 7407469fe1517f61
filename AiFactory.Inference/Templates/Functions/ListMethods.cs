using AiFactory.Inference.Templates.Evaluation;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Functions;

/// <summary>The methods of a list that read it; those that change one are refused, as in Jinja's immutable sandbox.</summary>
internal static class ListMethods
{
    public static TemplateValue? Find(ListValue list, string name) => name switch
    {
        "count" => new FunctionValue(name, arguments => new IntegerValue(list.Items.Count(item => Equality.AreEqual(item, arguments.Require(0, "value"), arguments.Context)))),
        "index" => new FunctionValue(name, arguments => Index(list, arguments)),
        "append" or "clear" or "extend" or "insert" or "pop" or "remove" or "reverse" or "sort" =>
            new FunctionValue(name, arguments => throw arguments.Fail("would change a list, which a template may not")),
        _ => null,
    };

    private static IntegerValue Index(ListValue list, CallArguments arguments)
    {
        var item = arguments.Require(0, "value");
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (Equality.AreEqual(list.Items[i], item, arguments.Context))
            {
                return new IntegerValue(i);
            }
        }

        throw arguments.Fail("the value is not in the list");
    }
}
