using System.Runtime.InteropServices;

namespace AiFactory.Inference.Native;

internal static unsafe partial class LlamaNative
{
    [LibraryImport(Llama)] public static partial int llama_detokenize(nint vocabulary, int* tokens, int count, byte* text, int capacity, byte removeSpecial, byte unparseSpecial);
    [LibraryImport(Llama)] public static partial int llama_vocab_sep(nint vocabulary);
    [LibraryImport(Llama)] public static partial int llama_vocab_fim_pre(nint vocabulary);
    [LibraryImport(Llama)] public static partial int llama_vocab_fim_suf(nint vocabulary);
    [LibraryImport(Llama)] public static partial int llama_vocab_fim_mid(nint vocabulary);
    [LibraryImport(Llama)] public static partial byte llama_vocab_get_add_bos(nint vocabulary);
    [LibraryImport(Llama)] public static partial byte llama_vocab_get_add_eos(nint vocabulary);
    [LibraryImport(Llama)] public static partial byte llama_vocab_get_add_sep(nint vocabulary);
}
