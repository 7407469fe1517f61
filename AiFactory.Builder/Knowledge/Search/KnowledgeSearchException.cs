namespace AiFactory.Builder.Knowledge.Search;

/// <summary>A search within the builder cannot be answered; the message is a sentence for who built the flow or the agent.</summary>
/// <param name="isTransient">Whether the same search may be answered later.</param>
internal sealed class KnowledgeSearchException(string message, bool isTransient, Exception? inner = null) : Exception(message, inner)
{
    internal bool IsTransient { get; } = isTransient;
}
