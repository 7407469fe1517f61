using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Evaluation;

/// <summary>Names and their values. A loop's body and a macro have one of their own: what they set is gone when they end.</summary>
internal sealed class Scope(Scope? parent)
{
    private readonly Dictionary<string, TemplateValue> _values = new(StringComparer.Ordinal);

    public TemplateValue? Find(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Parent)
        {
            if (scope._values.TryGetValue(name, out var value))
            {
                return value;
            }
        }

        return null;
    }

    private Scope? Parent { get; } = parent;

    public void Set(string name, TemplateValue value) => _values[name] = value;
}
