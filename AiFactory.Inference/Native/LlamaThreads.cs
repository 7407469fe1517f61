using System.Runtime.InteropServices;

namespace AiFactory.Inference.Native;

/// <summary>The threads that compute for one context, and wait between its steps. Without them ggml makes threads and ends them at every computation.</summary>
internal sealed unsafe class LlamaThreads : SafeHandle
{
    private const int CpuDevice = 0;

    private readonly delegate* unmanaged[Cdecl]<nint, void> _free;

    private LlamaThreads(nint pool, delegate* unmanaged[Cdecl]<nint, void> free)
        : base(nint.Zero, ownsHandle: true)
    {
        _free = free;
        SetHandle(pool);
    }

    public override bool IsInvalid => handle == nint.Zero;

    internal nint Pointer => handle;

    /// <param name="threads">The caller's own included.</param>
    /// <param name="poll">How long a thread spins for work before it sleeps, from 0 (not at all) to 100, in ggml's unit of 131,072 looks: at 1 some milliseconds.</param>
    public static LlamaThreads Open(int threads, int poll)
    {
        var cpu = LlamaNative.ggml_backend_dev_backend_reg(LlamaNative.ggml_backend_dev_by_type(CpuDevice));
        var make = (delegate* unmanaged[Cdecl]<GgmlThreadpoolParams*, nint>)Find(cpu, "ggml_threadpool_new");
        var free = (delegate* unmanaged[Cdecl]<nint, void>)Find(cpu, "ggml_threadpool_free");

        GgmlThreadpoolParams parameters;
        LlamaNative.ggml_threadpool_params_init(&parameters, threads);
        parameters.Poll = (uint)poll;
        var pool = make(&parameters);
        return pool != nint.Zero ? new LlamaThreads(pool, free) : throw new LlamaException($"ggml cannot start {threads} threads.");
    }

    protected override bool ReleaseHandle()
    {
        _free(handle);
        return true;
    }

    private static nint Find(nint backend, string name) =>
        LlamaNative.ggml_backend_reg_get_proc_address(backend, name) is var found && found != nint.Zero ? found : throw new LlamaException($"The library for this processor has no {name}.");
}
