namespace AiFactory.Inference.Templates.Values;

internal sealed class NoneValue : TemplateValue
{
    public static readonly NoneValue Instance = new();

    private NoneValue()
    {
    }

    public override string TypeName => "None";

    public override bool IsTruthy => false;
}
