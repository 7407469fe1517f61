namespace AiFactory.Contracts.Library;

/// <summary>A share, and what it takes to go on from it: a time, a number of the candidate's requests, or both.</summary>
/// <param name="Percent">1 to 100.</param>
public sealed record RolloutStep(int Percent, TimeSpan? Duration = null, int? Requests = null);
