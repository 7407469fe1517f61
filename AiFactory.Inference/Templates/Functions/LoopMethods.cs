using AiFactory.Inference.Templates.Evaluation;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Functions;

/// <summary><c>loop.cycle('odd', 'even')</c> and <c>loop.changed(value)</c>.</summary>
internal static class LoopMethods
{
    public static TemplateValue? Find(LoopValue loop, string name) => name switch
    {
        "cycle" => new FunctionValue(name, arguments => arguments.Positional.Count == 0
            ? throw arguments.Fail("takes at least one value")
            : arguments.Positional[loop.Index % arguments.Positional.Count]),
        "changed" => new FunctionValue(name, arguments =>
        {
            var now = new ListValue(arguments.Positional, isTuple: true);
            var changed = loop.LastSeen is not { } last || !Equality.AreEqual(last, now, arguments.Context);
            loop.LastSeen = now;
            return BooleanValue.Of(changed);
        }),
        _ => null,
    };
}
