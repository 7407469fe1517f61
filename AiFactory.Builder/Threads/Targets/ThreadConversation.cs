using AiFactory.Builder.Models;
using AiFactory.Contracts.OpenAI;

namespace AiFactory.Builder.Threads.Targets;

internal static class ThreadConversation
{
    /// <summary>As much of the history as is sent along: the newest messages, for a model's context is bounded.</summary>
    private const int MostMessages = 20;

    /// <summary>The history and the question, as a model reads them.</summary>
    internal static IReadOnlyList<ChatRequestMessage> Messages(ThreadTurn turn) =>
        [.. History(turn).Select(message => ModelMessages.Of(message.Role, message.Content)), ModelMessages.User(turn.Question)];

    internal static IEnumerable<ThreadMessageRow> History(ThreadTurn turn) => turn.History.TakeLast(MostMessages);
}
