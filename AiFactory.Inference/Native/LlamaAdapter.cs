using System.Runtime.InteropServices;

namespace AiFactory.Inference.Native;

/// <summary>
/// A LoRA adapter in memory, beside its model. It is opened and freed by the thread that computes with the model: llama.cpp keeps a set of a model's adapters, without a lock, and walks it
/// when it lays out its buffers.
/// </summary>
internal sealed class LlamaAdapter : SafeHandle
{
    private readonly LlamaModel _model;

    private LlamaAdapter(LlamaModel model, nint adapter)
        : base(nint.Zero, ownsHandle: true)
    {
        _model = model;
        SetHandle(adapter);
    }

    public override bool IsInvalid => handle == nint.Zero;

    internal nint Pointer => handle;

    /// <param name="path">A file that <see cref="Weights.Gguf.GgufAdapterRules"/> has seen: llama.cpp ends the process at what it did not expect.</param>
    /// <exception cref="LlamaException">llama.cpp refuses it.</exception>
    public static LlamaAdapter Open(LlamaModel model, string path)
    {
        var referenced = false;
        model.DangerousAddRef(ref referenced);
        LlamaLog.BeginCapture();
        var adapter = LlamaNative.llama_adapter_lora_init(model.Pointer, path);
        var lines = LlamaLog.EndCapture();
        if (adapter == nint.Zero)
        {
            model.DangerousRelease();
            throw new LlamaException($"llama.cpp cannot load the adapter: {(lines is [.., var last] ? last : "it did not say why")}");
        }

        return new LlamaAdapter(model, adapter);
    }

    protected override bool ReleaseHandle()
    {
        LlamaNative.llama_adapter_lora_free(handle);
        _model.DangerousRelease();
        return true;
    }
}
