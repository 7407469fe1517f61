namespace AiFactory.Builder.Runs;

/// <summary>A piece of a step's text on its way to who watches.</summary>
/// <param name="Process">Where it was made: there it is known before it comes back from the database.</param>
/// <param name="Offset">How many characters of this attempt came before: a gap is noticed, and filled from the finished step.</param>
/// <param name="Answer">Whether the text is the run's own answer.</param>
internal sealed record RunDelta(Guid Process, Guid RunId, string Node, int Attempt, string Text, int Offset, bool Answer);
