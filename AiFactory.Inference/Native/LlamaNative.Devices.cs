using System.Runtime.InteropServices;

namespace AiFactory.Inference.Native;

/// <summary>Devices, and what is called when ggml gives up.</summary>
internal static unsafe partial class LlamaNative
{
    [LibraryImport(GgmlBase)] public static partial void ggml_backend_dev_memory(nint device, nuint* free, nuint* total);
    [LibraryImport(GgmlBase)] public static partial int ggml_backend_dev_type(nint device);
    [LibraryImport(GgmlBase)] public static partial nint ggml_set_abort_callback(delegate* unmanaged[Cdecl]<byte*, void> callback);
    [LibraryImport(Llama)] public static partial nuint llama_max_devices();
}
