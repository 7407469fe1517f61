namespace AiFactory.Builder.Threads;

/// <summary>A message that is to be answered.</summary>
/// <param name="History">The messages before it that were answered, with their answers, oldest first.</param>
internal sealed record ThreadTurn(ThreadRow Thread, ThreadTarget Target, IReadOnlyList<ThreadMessageRow> History, string Question, string Author);
