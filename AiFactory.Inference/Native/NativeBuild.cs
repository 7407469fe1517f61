using System.Runtime.InteropServices;

namespace AiFactory.Inference.Native;

/// <summary>A build of llama.cpp that may lie beside the worker: <c>runtimes/{rid}/native/llama-{name}</c>. Each has the libraries for processors too.</summary>
/// <param name="Suffix">In its libraries' names: <c>libllama.cuda.v0.5.0.so</c>.</param>
/// <param name="Needs">What the machine's driver and toolkit bring: without one of them its devices cannot be used.</param>
internal sealed record NativeBuild(string Name, string Suffix, IReadOnlyList<string> Needs)
{
    /// <summary>The best first. Metal comes in macOS's own build, which is not fetched yet.</summary>
    public static IReadOnlyList<NativeBuild> All { get; } =
    [
        new("cuda", ".cuda", ["libcuda.so.1", "libcudart.so.13", "libcublas.so.13"]),
        new("vulkan", ".vulkan", ["libvulkan.so.1"]),
        new("cpu", "", []),
    ];

    /// <summary>The first that lies here and whose libraries the machine has, with the reasons against those before it.</summary>
    /// <param name="folder">Where the builds lie.</param>
    /// <param name="isLoadable">Whether the machine has a library.</param>
    /// <returns>Null when none lies here.</returns>
    public static (NativeBuild? Build, IReadOnlyList<string> Reasons) Choose(string folder, Func<string, bool> isLoadable)
    {
        var reasons = new List<string>();
        foreach (var build in All.Where(build => Directory.Exists(Path.Combine(folder, $"llama-{build.Name}"))))
        {
            if (build.Needs.FirstOrDefault(library => !isLoadable(library)) is not { } missing)
            {
                return (build, reasons);
            }

            reasons.Add($"{build.Name}: {missing} cannot be loaded");
        }

        return (null, reasons);
    }

    public static bool IsLoadable(string library)
    {
        if (!NativeLibrary.TryLoad(library, out var handle))
        {
            return false;
        }

        NativeLibrary.Free(handle);
        return true;
    }
}
