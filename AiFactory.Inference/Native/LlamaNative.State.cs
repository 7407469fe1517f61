using System.Runtime.InteropServices;

namespace AiFactory.Inference.Native;

internal static unsafe partial class LlamaNative
{
    [LibraryImport(Llama)] public static partial void llama_synchronize(nint context);
    [LibraryImport(Llama)] public static partial nuint llama_state_seq_get_size(nint context, int sequence);
    [LibraryImport(Llama)] public static partial nuint llama_state_seq_get_data(nint context, byte* target, nuint size, int sequence);
    [LibraryImport(Llama)] public static partial nuint llama_state_seq_set_data(nint context, byte* source, nuint size, int sequence);
}
