namespace AiFactory.Builder.Knowledge.Parsing;

internal enum TextBlockKind
{
    Heading,
    Paragraph,

    /// <summary>Lines that each stand for themselves: code, a row of a table.</summary>
    Lines,
}
