namespace AiFactory.Inference.Native;

internal enum LlamaDecodeResult
{
    Done,

    /// <summary>No room for the batch; the cache is unchanged.</summary>
    CacheFull,

    /// <summary>Stopped by <see cref="LlamaContext.Abort"/>; part of the batch may be in the cache.</summary>
    Aborted,

    /// <summary>llama.cpp logged why; part of the batch may be in the cache.</summary>
    Failed,
}
