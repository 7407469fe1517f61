namespace AiFactory.Inference.Engine;

/// <summary>What the process of one model has in memory at this moment.</summary>
/// <param name="ResidentBytes">All that is in memory, with files that other processes share.</param>
/// <param name="HeapBytes">.NET's objects.</param>
internal readonly record struct EngineUsage(long ResidentBytes, long HeapBytes)
{
    public static EngineUsage OfThisProcess() => new(Environment.WorkingSet, GC.GetTotalMemory(forceFullCollection: false));

    public static EngineUsage operator +(EngineUsage left, EngineUsage right) => new(left.ResidentBytes + right.ResidentBytes, left.HeapBytes + right.HeapBytes);
}
