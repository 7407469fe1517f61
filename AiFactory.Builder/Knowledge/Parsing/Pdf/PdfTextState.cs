namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

/// <summary>What q keeps and Q brings back (sections 8.4 and 9.3).</summary>
internal sealed record PdfTextState
{
    internal PdfMatrix Matrix { get; init; } = PdfMatrix.Identity;

    internal PdfFont? Font { get; init; }

    internal double Size { get; init; }

    internal double CharacterSpacing { get; init; }

    internal double WordSpacing { get; init; }

    /// <summary>1 is as wide as the font.</summary>
    internal double Scale { get; init; } = 1;

    internal double Leading { get; init; }

    internal double Rise { get; init; }
}
