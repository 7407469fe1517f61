namespace AiFactory.Inference.Templates.Values;

/// <summary><c>namespace(found=false)</c>: the one value that a template may change, which is how it gets anything out of a loop.</summary>
internal sealed class NamespaceValue : TemplateValue
{
    public Dictionary<string, TemplateValue> Attributes { get; } = new(StringComparer.Ordinal);

    public override string TypeName => "namespace";

    public override bool IsTruthy => true;
}
