using System.Runtime.CompilerServices;

namespace AiFactory.Inference.Native;

/// <summary>A batch under construction: arrays that the collector does not move, filled token by token, checked before C sees them.</summary>
internal sealed unsafe class LlamaBatchBuffer
{
    private readonly int[] _tokens;
    private readonly int[] _positions;
    private readonly int[] _sequenceCounts;
    private readonly int[] _sequences;
    private readonly nint[] _sequencePointers;
    private readonly byte[] _outputs;

    public LlamaBatchBuffer(int capacity)
    {
        Capacity = capacity;
        _tokens = GC.AllocateArray<int>(capacity, pinned: true);
        _positions = GC.AllocateArray<int>(capacity, pinned: true);
        _sequenceCounts = GC.AllocateArray<int>(capacity, pinned: true);
        _sequences = GC.AllocateArray<int>(capacity, pinned: true);
        _sequencePointers = GC.AllocateArray<nint>(capacity, pinned: true);
        _outputs = GC.AllocateArray<byte>(capacity, pinned: true);
        Array.Fill(_sequenceCounts, 1);
        for (var i = 0; i < capacity; i++)
        {
            _sequencePointers[i] = (nint)Unsafe.AsPointer(ref _sequences[i]);
        }
    }

    public int Capacity { get; }

    public int Count { get; private set; }

    public int Free => Capacity - Count;

    /// <summary>Tokens that have an output.</summary>
    public int OutputCount { get; private set; }

    public void Clear() => (Count, OutputCount, HighestSequence) = (0, 0, -1);

    /// <summary>Adds a token and answers its index in the batch, by which its logits are asked for.</summary>
    public int Add(int token, int position, int sequence, bool output)
    {
        if (Count == Capacity)
        {
            throw new InvalidOperationException($"The batch is full: {Capacity} tokens.");
        }

        _tokens[Count] = token;
        _positions[Count] = position;
        _sequences[Count] = sequence;
        _outputs[Count] = (byte)(output ? 1 : 0);
        HighestSequence = Math.Max(HighestSequence, sequence);
        OutputCount += output ? 1 : 0;
        return Count++;
    }

    internal bool HasOutput(int index) => (uint)index < (uint)Count && _outputs[index] != 0;

    internal int HighestSequence { get; private set; } = -1;

    internal LlamaBatch ToNative() => new()
    {
        TokenCount = Count,
        Tokens = (nint)Unsafe.AsPointer(ref _tokens[0]),
        Positions = (nint)Unsafe.AsPointer(ref _positions[0]),
        SequenceCounts = (nint)Unsafe.AsPointer(ref _sequenceCounts[0]),
        Sequences = (nint)Unsafe.AsPointer(ref _sequencePointers[0]),
        Outputs = (nint)Unsafe.AsPointer(ref _outputs[0]),
    };
}
