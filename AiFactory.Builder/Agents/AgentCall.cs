using AiFactory.Contracts.OpenAI;

namespace AiFactory.Builder.Agents;

/// <param name="Conversation">The messages so far, the last of them the one to answer.</param>
/// <param name="IdempotencyKey">The same when the same answer is asked for again after a crash; tools' calls carry it on.</param>
internal sealed record AgentCall(AgentRow Agent, IReadOnlyList<ChatRequestMessage> Conversation, string? IdempotencyKey = null);
