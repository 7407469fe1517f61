using AiFactory.Inference.Templates.Evaluation;

namespace AiFactory.Inference.Templates.Values;

/// <summary>A macro, a method of a value, or a global function.</summary>
internal sealed class FunctionValue(string name, Func<CallArguments, TemplateValue> body) : TemplateValue
{
    public string Name { get; } = name;

    public override string TypeName => "function";

    public override bool IsTruthy => true;

    public TemplateValue Call(CallArguments arguments) => body(arguments);
}
