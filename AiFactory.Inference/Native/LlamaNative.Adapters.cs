using System.Runtime.InteropServices;

namespace AiFactory.Inference.Native;

internal static unsafe partial class LlamaNative
{
    [LibraryImport(Llama, StringMarshalling = StringMarshalling.Utf8)] public static partial nint llama_adapter_lora_init(nint model, string path);
    [LibraryImport(Llama)] public static partial void llama_adapter_lora_free(nint adapter);
    [LibraryImport(Llama)] public static partial int llama_set_adapters_lora(nint context, nint* adapters, nuint count, float* scales);
}
