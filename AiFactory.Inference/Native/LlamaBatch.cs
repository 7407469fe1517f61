using System.Runtime.InteropServices;

namespace AiFactory.Inference.Native;

/// <summary><c>struct llama_batch</c>, 56 bytes: pointers to arrays of <see cref="TokenCount"/> elements.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LlamaBatch
{
    public int TokenCount;
    public nint Tokens;
    public nint Embeddings;
    public nint Positions;
    public nint SequenceCounts;
    public nint Sequences;
    public nint Outputs;
}
