namespace AiFactory.Inference.Grammars;

/// <summary>What one grammar may cost. The first five bound its text, the others the answers that are held to it.</summary>
/// <param name="MostNesting">Parentheses in parentheses.</param>
/// <param name="MostRepetitions">The largest number in braces; repetitions are counted, not written out, so it costs nothing.</param>
/// <param name="MostDepth">Rules in rules that an answer may be in the middle of: what would go deeper is not allowed to begin.</param>
/// <param name="MostPlaces">Places of the grammar that are looked at behind one character.</param>
/// <param name="MostSteps">Steps that one token may take.</param>
internal sealed record GrammarLimits(
    int MostCharacters = 256 * 1024,
    int MostRules = 20_000,
    int MostElements = 200_000,
    int MostNesting = 100,
    int MostRepetitions = 1_000_000,
    int MostDepth = 1_000,
    int MostPlaces = 20_000,
    int MostSteps = 500_000)
{
    public static readonly GrammarLimits Default = new();
}
