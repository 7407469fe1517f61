namespace AiFactory.Builder.Threads;

/// <summary>A message that is to be answered.</summary>
/// <param name="History">The messages before it that were answered, with their answers, oldest first.</param>
/// <param name="Claim">Names this answer: what is written of it counts as long as the thread is claimed by it.</param>
internal sealed record ThreadTurn(Guid Claim, ThreadRow Thread, ThreadTarget Target, IReadOnlyList<ThreadMessageRow> History, string Question, string Author);
