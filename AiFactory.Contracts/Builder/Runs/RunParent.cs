namespace AiFactory.Contracts.Builder.Runs;

/// <summary>Which step of which run began a run: a map for one of its items, a loop for one of its turns.</summary>
/// <param name="Index">Of the item or the turn, from 0.</param>
public sealed record RunParent(Guid RunId, string Node, int Index);
