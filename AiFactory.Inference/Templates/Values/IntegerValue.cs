namespace AiFactory.Inference.Templates.Values;

internal sealed class IntegerValue(long value) : TemplateValue
{
    public long Value { get; } = value;

    public override string TypeName => "int";

    public override bool IsTruthy => Value != 0;
}
