using System.Runtime.InteropServices;
using AiFactory.ServiceDefaults.Memory;

namespace AiFactory.Inference.Native;

/// <summary>
/// glibc's heap. It keeps a heap for each thread that allocates, up to eight for each core, and what was freed in them: loading a model leaves tens of megabytes behind.
/// Elsewhere (musl) there is nothing to do.
/// </summary>
internal static unsafe class NativeHeap
{
    /// <summary>The variable that glibc reads its settings from, when a process starts.</summary>
    public const string Tunables = "GLIBC_TUNABLES";

    /// <summary>
    /// Large pieces of memory lie in pages of 2 MB, where the system has them for who asks (<c>/sys/kernel/mm/transparent_hugepage/enabled</c> is <c>madvise</c>): the cache of a context is there three times sooner,
    /// and computing with it finds its places sooner. The image sets it too.
    /// </summary>
    public const string HugePages = "glibc.malloc.hugetlb=1";

    private const int MostArenas = -8; // M_ARENA_MAX

    /// <summary>Lets threads share a few heaps, before many have begun: llama.cpp allocates little while it computes.</summary>
    public static void ShareArenas()
    {
        if (OperatingSystem.IsLinux() && Find("mallopt") is var set && set != nint.Zero)
        {
            _ = ((delegate* unmanaged[Cdecl]<int, int, int>)set)(MostArenas, 2);
        }
    }

    /// <summary>Gives back to the system what loading a model left, in .NET's heap too.</summary>
    public static void Trim() => ProcessHeap.Trim();

    private static nint Find(string name) =>
        NativeLibrary.TryLoad("libc.so.6", out var libc) && NativeLibrary.TryGetExport(libc, name, out var found) ? found : nint.Zero;
}
