namespace AiFactory.Contracts.Builder.Runs;

/// <summary>How far the runs are that a map or a loop has begun; <c>runs/{id}/steps/{node}/runs</c> lists them.</summary>
/// <param name="Total">Of a loop those so far.</param>
/// <param name="Done">That have ended, in whatever state.</param>
/// <param name="Failed">Of these, that failed or were cancelled.</param>
public sealed record RunChildren(int Total, int Done, int Failed);
