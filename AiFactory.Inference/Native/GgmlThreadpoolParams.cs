using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AiFactory.Inference.Native;

/// <summary><c>struct ggml_threadpool_params</c>, 528 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GgmlThreadpoolParams
{
    public Cores CoreMask;
    public int Threads;
    public int Priority;
    public uint Poll;
    public byte StrictCores;
    public byte Paused;

    /// <summary><c>bool cpumask[GGML_MAX_N_THREADS]</c>; all zero leaves the choice to the kernel.</summary>
    [InlineArray(512)]
    internal struct Cores
    {
        private byte _first;
    }
}
