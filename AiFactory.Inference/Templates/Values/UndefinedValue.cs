namespace AiFactory.Inference.Templates.Values;

/// <summary>What a name, key or attribute that is not there gives: empty when printed or looped over, an error when more is asked of it.</summary>
/// <param name="description">For example <c>'tools' is undefined</c>.</param>
internal sealed class UndefinedValue(string description) : TemplateValue
{
    public string Description { get; } = description;

    public override string TypeName => "undefined";

    public override bool IsTruthy => false;
}
