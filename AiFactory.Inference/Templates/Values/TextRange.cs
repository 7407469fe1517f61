namespace AiFactory.Inference.Templates.Values;

/// <summary>Characters of a text, counted in UTF-16 units.</summary>
internal readonly record struct TextRange(int Start, int Length)
{
    public int End => Start + Length;
}
