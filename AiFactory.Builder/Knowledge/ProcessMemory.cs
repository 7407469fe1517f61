namespace AiFactory.Builder.Knowledge;

/// <summary>Bounds that follow the memory of the process, so that what is in them does not end it as out of memory.</summary>
internal static class ProcessMemory
{
    private const long Least = 1 << 20;

    /// <summary>
    /// A part of what this process may use: <c>DOTNET_GCHeapHardLimit</c>; in a container with a limit of memory three quarters of that, which .NET keeps its heap to; else the machine's memory.
    /// </summary>
    internal static long Share(int part, long most) => Share(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, part, most);

    /// <returns>One <paramref name="part"/>-th of what is available: at least 1 MiB, at most <paramref name="most"/>.</returns>
    internal static long Share(long available, int part, long most) => Math.Clamp(available / part, Least, most);
}
