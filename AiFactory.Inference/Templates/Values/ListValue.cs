namespace AiFactory.Inference.Templates.Values;

/// <summary>A list or a tuple.</summary>
internal sealed class ListValue(IReadOnlyList<TemplateValue> items, bool isTuple = false) : TemplateValue
{
    public static readonly ListValue Empty = new([]);

    public IReadOnlyList<TemplateValue> Items { get; } = items;

    public bool IsTuple { get; } = isTuple;

    public override string TypeName => IsTuple ? "tuple" : "list";

    public override bool IsTruthy => Items.Count > 0;

    public override int Depth { get; } = 1 + items.Select(item => item.Depth).DefaultIfEmpty().Max();
}
