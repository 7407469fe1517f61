using System.Runtime.InteropServices;

namespace AiFactory.Testing.Factory;

/// <summary>POSIX signals by process id.</summary>
public static partial class Signals
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Stop = 19;
    public const int Continue = 18;
    public const int Terminate = 15;

    /// <summary>Sends a signal; a process that is gone already is no error.</summary>
    public static void Send(int processId, int signal) => _ = Native.Kill(processId, signal);

    private static partial class Native
    {
        [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
        internal static partial int Kill(int processId, int signal);
    }
}
