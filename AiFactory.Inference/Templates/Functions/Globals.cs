using AiFactory.Inference.Templates.Evaluation;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Functions;

/// <summary>The functions that every template has: Jinja's <c>range</c>, <c>namespace</c> and <c>dict</c>, and transformers' <c>raise_exception</c> and <c>strftime_now</c>.</summary>
internal static class Globals
{
    private const int MostOfRange = 100_000;

    /// <summary>What a template raises is told to the client; a template may put the whole conversation into it.</summary>
    private const int LongestMessage = 500;

    public static readonly IReadOnlyDictionary<string, TemplateValue> All = new FunctionValue[]
    {
        new("raise_exception", RaiseException),
        new("strftime_now", StrftimeNow),
        new("range", Range),
        new("namespace", Namespace),
        new("dict", arguments => new MapValue(Entries(arguments))),
    }.ToDictionary(function => function.Name, TemplateValue (function) => function);

    private static TemplateValue RaiseException(CallArguments arguments)
    {
        arguments.Expect(1, "message");
        var message = PythonText.Of(arguments.Require(0, "message"), arguments.Context).Text;
        message = message.Length <= LongestMessage ? message : message[..LongestMessage] + "...";
        throw new TemplateException(message, arguments.Context.Line) { Raised = message };
    }

    private static StringValue StrftimeNow(CallArguments arguments)
    {
        arguments.Expect(1, "format");
        var format = arguments.RequireText(0, "format");
        return StringValue.From(TimeText.Format(format.Text, arguments), format.Data.Count > 0);
    }

    private static ListValue Range(CallArguments arguments)
    {
        arguments.Expect(3);
        var first = Whole(0);
        var (start, stop, step) = arguments.Positional.Count > 1 ? (first, Whole(1), arguments.FindInteger(2, "step", 1)) : (0, first, 1);
        if (step == 0)
        {
            throw arguments.Fail("the step is not 0");
        }

        var count = step > 0 ? ((Int128)stop - start + step - 1) / step : ((Int128)start - stop - step - 1) / -(Int128)step;
        if (count > MostOfRange)
        {
            throw arguments.Fail($"has more than {MostOfRange} numbers");
        }

        arguments.Context.Step(Math.Max(0, (long)count));
        return new ListValue([.. Enumerable.Range(0, (int)Int128.Max(0, count)).Select(i => new IntegerValue(start + (i * step)))]);

        long Whole(int index) => arguments.Require(index, index == 0 ? "stop" : "start") is var value && Numbers.TryReadWhole(value, out var whole)
            ? whole
            : throw arguments.Fail($"takes whole numbers, not {value.TypeName}");
    }

    private static NamespaceValue Namespace(CallArguments arguments)
    {
        var space = new NamespaceValue();
        foreach (var (name, value) in Entries(arguments))
        {
            space.Attributes[PythonText.Of(name, arguments.Context).Text] = value;
        }

        return space;
    }

    /// <summary>A dict, when one is given, and the named arguments.</summary>
    private static IEnumerable<KeyValuePair<TemplateValue, TemplateValue>> Entries(CallArguments arguments)
    {
        arguments.Expect(1, [.. arguments.Named.Keys]);
        var given = arguments.Find(0, "") switch
        {
            null => [],
            MapValue map => map.Entries.Select(entry => Counted(entry, arguments.Context)),
            var value => throw arguments.Fail($"takes a dict, not {value.TypeName}"),
        };

        return given.Concat(arguments.Named.Select(argument => KeyValuePair.Create((TemplateValue)StringValue.FromTemplate(argument.Key), argument.Value)));
    }

    private static KeyValuePair<TemplateValue, TemplateValue> Counted(KeyValuePair<TemplateValue, TemplateValue> entry, RenderContext context)
    {
        Equality.ScanText(entry.Key, context);
        return entry;
    }
}
