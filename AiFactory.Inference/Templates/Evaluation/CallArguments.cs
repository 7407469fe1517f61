using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Evaluation;

/// <summary>What a function, method, filter or test was called with. For a filter or test, what stands before it is not among the arguments.</summary>
/// <param name="construct">For messages: <c>filter 'join'</c>.</param>
internal sealed class CallArguments(RenderContext context, string construct, IReadOnlyList<TemplateValue> positional, IReadOnlyDictionary<string, TemplateValue> named)
{
    public RenderContext Context { get; } = context;

    public IReadOnlyList<TemplateValue> Positional { get; } = positional;

    public IReadOnlyDictionary<string, TemplateValue> Named { get; } = named;

    public TemplateException Fail(string message) => Context.Fail($"{construct}: {message}");

    /// <summary>The same call without its first arguments.</summary>
    public CallArguments Skip(int count) => new(Context, construct, [.. Positional.Skip(count)], Named);

    /// <summary>Refuses arguments beyond those that the function knows.</summary>
    public void Expect(int most, params ReadOnlySpan<string> names)
    {
        if (Positional.Count > most)
        {
            throw Fail($"takes at most {most} arguments, not {Positional.Count}");
        }

        foreach (var name in Named.Keys)
        {
            if (!names.Contains(name))
            {
                throw Fail($"has no argument '{name}'");
            }
        }
    }

    public TemplateValue? Find(int index, string name) =>
        index < Positional.Count ? Positional[index] : Named.GetValueOrDefault(name);

    public TemplateValue Require(int index, string name) => Find(index, name) ?? throw Fail($"needs the argument '{name}'");

    public StringValue RequireText(int index, string name) => Require(index, name) is { } value
        ? value as StringValue ?? throw Fail($"'{name}' is a text, not {value.TypeName}")
        : StringValue.Empty;

    public StringValue? FindText(int index, string name) => Find(index, name) is null or NoneValue ? null : RequireText(index, name);

    public long FindInteger(int index, string name, long otherwise) => Find(index, name) switch
    {
        null => otherwise,
        IntegerValue whole => whole.Value,
        BooleanValue truth => truth.Value ? 1 : 0,
        { } value => throw Fail($"'{name}' is a whole number, not {value.TypeName}"),
    };

    public bool FindBoolean(int index, string name, bool otherwise) => Find(index, name)?.IsTruthy ?? otherwise;
}
