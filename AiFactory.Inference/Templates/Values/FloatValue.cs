namespace AiFactory.Inference.Templates.Values;

/// <param name="text">The number as the request wrote it, so that it is written again unchanged: <c>1.50</c>, or a whole number of more than 64 bits.</param>
internal sealed class FloatValue(double value, string? text = null) : TemplateValue
{
    public double Value { get; } = value;

    public string? Text { get; } = text;

    public override string TypeName => "float";

    public override bool IsTruthy => Value != 0;
}
