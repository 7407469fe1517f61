namespace AiFactory.Gateway.Guardrails.Texts;

/// <summary>A part of a text that is to be masked.</summary>
/// <param name="Rule">Of those that the text is held against.</param>
internal readonly record struct TextMask(int Start, int End, int Rule) : IComparable<TextMask>
{
    public int CompareTo(TextMask other) => (Start, Rule).CompareTo((other.Start, other.Rule));
}
