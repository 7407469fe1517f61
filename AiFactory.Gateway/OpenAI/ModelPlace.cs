namespace AiFactory.Gateway.OpenAI;

/// <summary>Where the value of <c>model</c> stands in a body, its quotes included.</summary>
internal readonly record struct ModelPlace(int At, int Length)
{
    /// <summary>Where it stands once the body was spliced.</summary>
    public ModelPlace After(UsageSplice splice) => splice.At <= At ? this with { At = At + splice.Text.Length - splice.Removed } : this;
}
