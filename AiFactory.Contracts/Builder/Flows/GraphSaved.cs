namespace AiFactory.Contracts.Builder.Flows;

/// <param name="Problems">What keeps this revision from being run; a draft may be saved with them.</param>
public sealed record GraphSaved(int Revision, IReadOnlyList<GraphProblem> Problems);
