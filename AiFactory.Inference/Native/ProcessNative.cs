using System.Runtime.InteropServices;

namespace AiFactory.Inference.Native;

/// <summary>What .NET does not say to Linux of a process.</summary>
internal static partial class ProcessNative
{
    private const int SetParentDeathSignal = 1; // PR_SET_PDEATHSIG
    private const nuint Kill = 9; // SIGKILL

    /// <summary>This process is killed as soon as the thread ends that started it, also while it is stopped. Other systems have no such thing.</summary>
    public static void DieWithParent()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = prctl(SetParentDeathSignal, Kill, 0, 0, 0);
        }
    }

    /// <summary>At once, without a handler: whatever native code does meanwhile.</summary>
    public static void Exit(int code) => _exit(code);

    [LibraryImport("libc")]
    private static partial int prctl(int option, nuint first, nuint second, nuint third, nuint fourth);

    [LibraryImport("libc")]
    private static partial void _exit(int code);
}
