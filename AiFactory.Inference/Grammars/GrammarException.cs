namespace AiFactory.Inference.Grammars;

/// <summary>A grammar that cannot be used.</summary>
/// <param name="line">Where its text is at fault, counted from 1.</param>
/// <param name="column">In characters, counted from 1.</param>
internal sealed class GrammarException(string fault, int line, int column) : Exception($"line {line}, column {column}: {fault}")
{
    public string Fault { get; } = fault;

    public int Line { get; } = line;

    public int Column { get; } = column;
}
