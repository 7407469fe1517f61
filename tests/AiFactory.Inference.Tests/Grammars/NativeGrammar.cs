using System.Runtime.InteropServices;
using AiFactory.Inference.Native;

namespace AiFactory.Inference.Tests.Grammars;

/// <summary>llama.cpp's own grammar sampler, for grammars that are known to be fine: with others, or with a token that it refuses, it ends the process.</summary>
internal sealed class NativeGrammar : IDisposable
{
    private static readonly nint Library = NativeLibrary.Load(
        Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native", "llama-cpu", "libllama.v0.5.0.so"));

    private readonly nint _sampler;
    private readonly int _tokens;

    public NativeGrammar(LlamaModel model, string grammar)
    {
        _tokens = model.VocabularySize;
        var (text, root) = (Marshal.StringToCoTaskMemUTF8(grammar), Marshal.StringToCoTaskMemUTF8("root"));
        _sampler = Function<InitGrammar>("llama_sampler_init_grammar")(LlamaNative.llama_model_get_vocab(model.Pointer), text, root);
        Marshal.FreeCoTaskMem(text);
        Marshal.FreeCoTaskMem(root);
        _sampler.ShouldNotBe(nint.Zero);
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint InitGrammar(nint vocabulary, nint text, nint root);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void Apply(nint sampler, nint candidates);

    /// <returns>The tokens that may follow, ends of the answer among them.</returns>
    public HashSet<int> GetAllowed()
    {
        // struct llama_token_data { int id; float logit; float p; } and struct llama_token_data_array { data*, size, selected, sorted }.
        var data = Marshal.AllocHGlobal(_tokens * 12);
        var array = Marshal.AllocHGlobal(32);
        try
        {
            for (var token = 0; token < _tokens; token++)
            {
                Marshal.WriteInt32(data, token * 12, token);
                Marshal.WriteInt64(data, (token * 12) + 4, 0);
            }

            Marshal.WriteIntPtr(array, 0, data);
            Marshal.WriteInt64(array, 8, _tokens);
            Marshal.WriteInt64(array, 16, -1);
            Marshal.WriteInt64(array, 24, 0);
            Function<Apply>("llama_sampler_apply")(_sampler, array);
            return [.. Enumerable.Range(0, _tokens).Where(index => Marshal.ReadInt32(data, (index * 12) + 4) == 0).Select(index => Marshal.ReadInt32(data, index * 12))];
        }
        finally
        {
            Marshal.FreeHGlobal(data);
            Marshal.FreeHGlobal(array);
        }
    }

    /// <param name="token">One that is allowed.</param>
    public void Accept(int token) => LlamaNative.llama_sampler_accept(_sampler, token);

    public void Dispose() => LlamaNative.llama_sampler_free(_sampler);

    private static T Function<T>(string name)
        where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(Library, name));
}
