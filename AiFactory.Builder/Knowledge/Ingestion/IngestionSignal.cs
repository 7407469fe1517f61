using AiFactory.ServiceDefaults.Loops;

namespace AiFactory.Builder.Knowledge.Ingestion;

/// <summary>A document waits. Loops of other processes find it when they look by themselves.</summary>
internal sealed class IngestionSignal
{
    internal Signal Signal { get; } = new();

    internal void Raise() => Signal.Raise();
}
