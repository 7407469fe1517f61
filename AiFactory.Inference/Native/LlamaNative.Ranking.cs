using System.Runtime.InteropServices;

namespace AiFactory.Inference.Native;

internal static unsafe partial class LlamaNative
{
    [LibraryImport(Llama)] public static partial uint llama_model_n_cls_out(nint model);
    [LibraryImport(Llama, EntryPoint = "llama_model_chat_template", StringMarshalling = StringMarshalling.Utf8)] public static partial nint llama_model_chat_template_named(nint model, string name);
}
