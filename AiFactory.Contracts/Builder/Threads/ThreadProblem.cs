namespace AiFactory.Contracts.Builder.Threads;

/// <param name="Code">Why, for programs: for example <c>step_limit</c>.</param>
public sealed record ThreadProblem(string Type, string Title, int Status, string Detail, string? Code);
