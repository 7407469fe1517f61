namespace AiFactory.Contracts.Workers;

/// <param name="Hardware">What the native build runs on, for example <c>cpu: sapphirerapids</c>.</param>
/// <param name="MemoryBytes">Memory that the worker may use.</param>
public sealed record WorkerCapacity(string Hardware, int Threads, long MemoryBytes);
