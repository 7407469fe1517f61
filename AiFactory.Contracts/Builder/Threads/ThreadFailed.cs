namespace AiFactory.Contracts.Builder.Threads;

/// <param name="Problem">As RFC 9457 has it, like the body of a failed request.</param>
public sealed record ThreadFailed(ThreadProblem Problem);
