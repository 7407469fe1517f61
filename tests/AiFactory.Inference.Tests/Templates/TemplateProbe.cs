namespace AiFactory.Inference.Tests.Templates;

/// <param name="Variables">JSON.</param>
public sealed record TemplateProbe(string Name, string Template, string Variables = "{}")
{
    public override string ToString() => Name;
}
