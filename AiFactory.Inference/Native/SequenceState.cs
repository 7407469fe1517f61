using System.Runtime.InteropServices;

namespace AiFactory.Inference.Native;

/// <summary>What a context's cache held of one sequence, in memory of its own: only the cells in use. It fits any sequence of the context that it came from.</summary>
internal sealed unsafe class SequenceState : SafeHandle
{
    private SequenceState(void* memory, long length)
        : base(nint.Zero, ownsHandle: true)
    {
        SetHandle((nint)memory);
        Length = length;
    }

    public override bool IsInvalid => handle == nint.Zero;

    public long Length { get; }

    /// <returns>Null when llama.cpp could not write it, or there is no memory for it: what is not stored is computed again.</returns>
    internal static SequenceState? Save(nint context, int sequence)
    {
        LlamaNative.llama_synchronize(context);
        var size = LlamaNative.llama_state_seq_get_size(context, sequence);
        if (size == 0)
        {
            return null;
        }

        if (TryAllocate(size) is not { } memory)
        {
            return null;
        }

        var state = new SequenceState((void*)memory, (long)size);
        if (LlamaNative.llama_state_seq_get_data(context, (byte*)state.handle, size, sequence) == size)
        {
            return state;
        }

        state.Dispose();
        return null;
    }

    internal static nint? TryAllocate(nuint size)
    {
        try
        {
            return (nint)NativeMemory.Alloc(size);
        }
        catch (OutOfMemoryException)
        {
            return null;
        }
    }

    /// <returns>False when llama.cpp could not read it; then the sequence holds nothing of use.</returns>
    internal bool Restore(nint context, int sequence) =>
        LlamaNative.llama_state_seq_set_data(context, (byte*)handle, (nuint)Length, sequence) == (nuint)Length;

    protected override bool ReleaseHandle()
    {
        NativeMemory.Free((void*)handle);
        return true;
    }
}
