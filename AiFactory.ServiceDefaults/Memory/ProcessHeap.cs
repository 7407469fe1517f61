using System.Runtime.InteropServices;

namespace AiFactory.ServiceDefaults.Memory;

/// <summary>The memory of this process: .NET's, and that of glibc, in which it compiles. What a start needed once stays with the process until somebody asks for it.</summary>
public static unsafe class ProcessHeap
{
    /// <summary>Gives back to the system what nobody uses. It takes some tens of milliseconds, in which nothing else runs.</summary>
    public static void Trim()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        TrimNative();
    }

    /// <summary>The same of glibc's alone, while all else runs: its threads keep what compiling methods took (8 MiB in a minute after a start). Elsewhere (musl) there is no such function, and nothing to do.</summary>
    public static void TrimNative()
    {
        if (OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out var libc) && NativeLibrary.TryGetExport(libc, "malloc_trim", out var trim))
        {
            _ = ((delegate* unmanaged[Cdecl]<nuint, int>)trim)(0);
        }
    }
}
