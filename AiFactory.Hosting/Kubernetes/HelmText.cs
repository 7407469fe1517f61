namespace AiFactory.Hosting.Kubernetes;

/// <summary>A value of the model as text for a template: what is not known before the installation is an expression in it.</summary>
/// <param name="Secret">Whether one of its expressions is a secret.</param>
internal readonly record struct HelmText(string Text, bool Secret)
{
    private const string Open = "{{";

    public bool HasExpression => Text.Contains(Open, StringComparison.Ordinal);

    /// <summary>Text that Helm leaves alone.</summary>
    public static HelmText Literal(string text) => new(text.Replace(Open, "{{ `{{` }}", StringComparison.Ordinal), false);
}
