using System.Runtime.InteropServices;

namespace AiFactory.Inference.Native;

/// <summary>Models that come in several files.</summary>
internal static unsafe partial class LlamaNative
{
    [LibraryImport(Llama)] private static partial nint llama_model_load_from_splits(byte** paths, nuint count, LlamaModelParams parameters);

    /// <summary>By the paths themselves: llama.cpp's other way guesses the names of the parts, and ours are digests.</summary>
    public static nint Load(IReadOnlyList<string> paths, LlamaModelParams parameters)
    {
        if (paths is [var one])
        {
            return llama_model_load_from_file(one, parameters);
        }

        var native = stackalloc byte*[paths.Count];
        try
        {
            for (var index = 0; index < paths.Count; index++)
            {
                native[index] = (byte*)Marshal.StringToCoTaskMemUTF8(paths[index]);
            }

            return llama_model_load_from_splits(native, (nuint)paths.Count, parameters);
        }
        finally
        {
            for (var index = 0; index < paths.Count; index++)
            {
                Marshal.FreeCoTaskMem((nint)native[index]);
            }
        }
    }
}
