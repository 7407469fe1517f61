namespace AiFactory.Inference.Templates.Syntax;

/// <summary>What a <c>set</c> or a <c>for</c> gives its value to.</summary>
internal abstract record AssignmentTarget
{
    private AssignmentTarget()
    {
    }

    public sealed record Name(string Identifier) : AssignmentTarget;

    /// <summary><c>a, b</c> or <c>(a, b)</c></summary>
    public sealed record Tuple(IReadOnlyList<AssignmentTarget> Parts) : AssignmentTarget;

    /// <summary><c>ns.found</c></summary>
    public sealed record NamespaceAttribute(string Namespace, string Attribute) : AssignmentTarget;
}
