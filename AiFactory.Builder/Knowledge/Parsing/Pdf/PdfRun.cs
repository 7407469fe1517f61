namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

/// <summary>A piece of text on a page, along its own direction of writing.</summary>
/// <param name="Start">Along the line.</param>
/// <param name="Across">Height of the baseline; falls from line to line.</param>
/// <param name="Angle">Degrees, whole.</param>
internal readonly record struct PdfRun(string Text, double Start, double End, double Across, double Size, int Angle);
