using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AiFactory.Inference.Native;

/// <summary>A context: the cache and the buffers of one engine. It belongs to one thread at a time.</summary>
internal sealed unsafe class LlamaContext : SafeHandle
{
    private readonly LlamaModel _model;
    private readonly nint _memory;
    private readonly LlamaThreads _threads;
    private readonly int* _abort;
    private LlamaAdapter? _adapter;

    private LlamaContext(LlamaModel model, nint context, LlamaThreads threads, int* abort)
        : base(nint.Zero, ownsHandle: true)
    {
        _model = model;
        _threads = threads;
        _abort = abort;
        SetHandle(context);
        LlamaNative.llama_attach_threadpool(context, threads.Pointer, threads.Pointer);
        _memory = LlamaNative.llama_get_memory(context);
        ContextLength = (int)LlamaNative.llama_n_ctx(context);
        SequenceContextLength = (int)LlamaNative.llama_n_ctx_seq(context);
        BatchSize = (int)LlamaNative.llama_n_batch(context);
        PhysicalBatchSize = (int)LlamaNative.llama_n_ubatch(context);
        MaxSequences = (int)LlamaNative.llama_n_seq_max(context);
        Pooling = LlamaNative.llama_pooling_type(context);
    }

    public override bool IsInvalid => handle == nint.Zero;

    /// <summary>Tokens that the whole cache holds.</summary>
    public int ContextLength { get; }

    /// <summary>Tokens that one sequence may have; less than asked for when llama.cpp rounded.</summary>
    public int SequenceContextLength { get; }

    /// <summary>Tokens of one call of <see cref="Decode"/>.</summary>
    public int BatchSize { get; }

    /// <summary>Tokens that are computed at once.</summary>
    public int PhysicalBatchSize { get; }

    public int MaxSequences { get; }

    /// <summary>Tokens of one batch that may have an output.</summary>
    public int MaxOutputs { get; private init; }

    /// <summary>0 none, 1 mean, 2 first token, 3 last token, 4 rank.</summary>
    public int Pooling { get; }

    internal nint Pointer => handle;

    public static LlamaContext Open(LlamaModel model, LlamaContextOptions options)
    {
        var parameters = LlamaNative.llama_context_default_params();
        parameters.Context = checked((uint)options.ContextLength);
        parameters.Batch = checked((uint)options.BatchSize);
        parameters.PhysicalBatch = checked((uint)options.PhysicalBatchSize);
        parameters.MaxSequences = checked((uint)options.Sequences);
        parameters.MaxOutputs = checked((uint)options.Outputs);
        parameters.Threads = options.Threads;
        parameters.BatchThreads = options.Threads;
        parameters.Embeddings = (byte)(options.Embeddings ? 1 : 0);
        parameters.UnifiedCache = (byte)(options.UnifiedCache ? 1 : 0);
        parameters.NoPerformance = 1;
        parameters.FlashAttentionType = options.Embeddings ? FlashAttention.Automatic : FlashAttention.For(model);
        if (parameters.FlashAttentionType == FlashAttention.Off)
        {
            parameters.PhysicalBatch = Math.Min(parameters.PhysicalBatch, FlashAttention.PlainBatch);
        }

        var threads = LlamaThreads.Open(options.Threads, options.Poll);
        var abort = (int*)NativeMemory.AllocZeroed(sizeof(int));
        delegate* unmanaged[Cdecl]<void*, byte> callback = &IsAborted;
        parameters.AbortCallback = (nint)callback;
        parameters.AbortCallbackData = (nint)abort;

        var referenced = false;
        model.DangerousAddRef(ref referenced);
        LlamaLog.BeginCapture();
        var context = LlamaNative.llama_init_from_model(model.Pointer, parameters);
        var lines = LlamaLog.EndCapture();
        if (context == nint.Zero)
        {
            threads.Dispose();
            NativeMemory.Free(abort);
            model.DangerousRelease();
            throw new LlamaException($"llama.cpp cannot make a context of {options.ContextLength} tokens: {(lines is [.., var last] ? last : "it did not say why")}");
        }

        if (!model.IsMeasured)
        {
            NativeHeap.Trim();
        }

        return new LlamaContext(model, context, threads, abort) { MaxOutputs = options.Outputs > 0 ? options.Outputs : int.MaxValue };
    }

    /// <summary>
    /// What follows is computed with this adapter, for all sequences of a batch; null is the model alone. A change has llama.cpp lay out its buffers again at the next computation; none costs nothing.
    /// </summary>
    /// <returns>Whether it was a change.</returns>
    public bool Use(LlamaAdapter? adapter)
    {
        if (ReferenceEquals(adapter, _adapter))
        {
            return false;
        }

        var pointer = adapter?.Pointer ?? nint.Zero;
        var scale = 1f;
        if (LlamaNative.llama_set_adapters_lora(handle, &pointer, adapter is null ? 0u : 1u, &scale) != 0)
        {
            throw new LlamaException("llama.cpp does not take the adapter.");
        }

        _adapter = adapter;
        return true;
    }

    /// <summary>Ends a computation that runs now, or the next one, from any thread.</summary>
    public void Abort() => Volatile.Write(ref *_abort, 1);

    public LlamaDecodeResult Decode(LlamaBatchBuffer batch)
    {
        if (batch.Count == 0 || batch.Count > BatchSize)
        {
            throw new ArgumentException($"A batch has 1 to {BatchSize} tokens, this one {batch.Count}.", nameof(batch));
        }

        if (batch.OutputCount > MaxOutputs)
        {
            throw new ArgumentException($"A batch has at most {MaxOutputs} outputs, this one {batch.OutputCount}.", nameof(batch));
        }

        if (batch.HighestSequence >= MaxSequences)
        {
            throw new ArgumentException($"Sequences are below {MaxSequences}.", nameof(batch));
        }

        // A context without memory (BERT) encodes; its batch must fit one computation.
        if (_memory == nint.Zero && batch.Count > PhysicalBatchSize)
        {
            throw new ArgumentException($"An encoder's batch has at most {PhysicalBatchSize} tokens, this one {batch.Count}.", nameof(batch));
        }

        using var computing = LlamaAbort.Enter(_model);
        var code = _memory == nint.Zero
            ? LlamaNative.llama_encode(handle, batch.ToNative())
            : LlamaNative.llama_decode(handle, batch.ToNative());
        return code switch
        {
            0 => LlamaDecodeResult.Done,
            1 => LlamaDecodeResult.CacheFull,
            2 => LlamaDecodeResult.Aborted,
            _ => Volatile.Read(ref *_abort) != 0 ? LlamaDecodeResult.Aborted : LlamaDecodeResult.Failed,
        };
    }

    /// <summary>Forgets all tokens of a sequence.</summary>
    public void RemoveSequence(int sequence)
    {
        if (_memory != nint.Zero && (uint)sequence < (uint)MaxSequences)
        {
            LlamaNative.llama_memory_seq_rm(_memory, sequence, -1, -1);
        }
    }

    /// <summary>Bytes that <see cref="Save"/> takes.</summary>
    public long SizeOf(int sequence) =>
        _memory != nint.Zero && (uint)sequence < (uint)MaxSequences ? (long)LlamaNative.llama_state_seq_get_size(handle, sequence) : 0;

    /// <summary>A copy of what the cache holds of a sequence; null when there is none to be had.</summary>
    public SequenceState? Save(int sequence) => _memory != nint.Zero && (uint)sequence < (uint)MaxSequences ? SequenceState.Save(handle, sequence) : null;

    /// <summary>Gives a sequence what was saved, in place of its own tokens.</summary>
    /// <returns>False when it failed: the sequence is empty then.</returns>
    public bool Restore(SequenceState state, int sequence)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)sequence, (uint)MaxSequences);
        RemoveSequence(sequence);
        if (_memory != nint.Zero && state.Restore(handle, sequence))
        {
            return true;
        }

        RemoveSequence(sequence);
        return false;
    }

    /// <summary>Keeps the first <paramref name="length"/> tokens of a sequence.</summary>
    /// <returns>False when this model's memory cannot forget a part (one state for all tokens, as Mamba has); then nothing has changed.</returns>
    public bool TrimSequence(int sequence, int length) =>
        _memory != nint.Zero && (uint)sequence < (uint)MaxSequences && LlamaNative.llama_memory_seq_rm(_memory, sequence, length, -1) != 0;

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        if (_memory != nint.Zero)
        {
            LlamaNative.llama_memory_clear(_memory, 0);
        }
    }

    /// <summary>The pooled embedding of a sequence of the last batch, not normalised. Shape: [EmbeddingLength]; of a ranker [outputs of its head]. It lies in llama.cpp's memory until the next call.</summary>
    public ReadOnlySpan<float> GetSequenceEmbedding(int sequence)
    {
        var values = (uint)sequence < (uint)MaxSequences ? LlamaNative.llama_get_embeddings_seq(handle, sequence) : null;
        return values is null ? default : new ReadOnlySpan<float>(values, Pooling == 4 ? (int)LlamaNative.llama_model_n_cls_out(_model.Pointer) : _model.EmbeddingLength);
    }

    protected override bool ReleaseHandle()
    {
        LlamaNative.llama_detach_threadpool(handle);
        LlamaNative.llama_free(handle);
        _threads.Dispose();
        NativeMemory.Free(_abort);
        _model.DangerousRelease();
        return true;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte IsAborted(void* data) => (byte)(Volatile.Read(ref *(int*)data) != 0 ? 1 : 0);
}
