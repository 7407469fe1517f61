namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

/// <summary><c>[a b c d e f]</c>: x' = a x + c y + e, y' = b x + d y + f.</summary>
internal readonly record struct PdfMatrix(double A, double B, double C, double D, double E, double F)
{
    internal static PdfMatrix Identity { get; } = new(1, 0, 0, 1, 0, 0);

    internal static PdfMatrix Translation(double x, double y) => new(1, 0, 0, 1, x, y);

    /// <summary>This one first, then the other.</summary>
    internal PdfMatrix Then(PdfMatrix other) => new(
        (A * other.A) + (B * other.C),
        (A * other.B) + (B * other.D),
        (C * other.A) + (D * other.C),
        (C * other.B) + (D * other.D),
        (E * other.A) + (F * other.C) + other.E,
        (E * other.B) + (F * other.D) + other.F);
}
