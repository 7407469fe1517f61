namespace AiFactory.Gateway.Guardrails.Texts;

/// <summary>A text within a JSON document.</summary>
/// <param name="At">Of its first quote, in bytes.</param>
/// <param name="Length">In bytes, its quotes included.</param>
/// <param name="Root">The member that it is part of.</param>
/// <param name="Element">Of which element of it, where that is a list; else -1.</param>
/// <param name="Group">The same for parts that a server puts together as one text; 0 where it stands alone.</param>
/// <param name="Kind">Text, Json or Number; a number has no quotes.</param>
/// <param name="Trusted">Whether it stands in a message of the application's author.</param>
internal readonly record struct TextPlace(int At, int Length, string Root, int Element, int Group = 0, TextKind Kind = TextKind.Text, bool Trusted = false)
{
    public ReadOnlySpan<byte> Raw(ReadOnlySpan<byte> json) => Kind == TextKind.Number ? json.Slice(At, Length) : json.Slice(At + 1, Length - 2);

    /// <summary>For a client, as <c>messages[3]</c>.</summary>
    public override string ToString() => Element < 0 ? Root : $"{Root}[{Element}]";
}
