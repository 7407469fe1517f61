using System.Runtime.InteropServices;

namespace AiFactory.Hosting.Orchestration.Processes;

/// <summary>Signals to a whole process group, https://pubs.opengroup.org/onlinepubs/9799919799/functions/kill.html.</summary>
internal static partial class ProcessGroup
{
    private const int Kill = 9;

    /// <summary>False: no process of the group is left.</summary>
    public static bool Signal(int group, StopSignal signal) => kill(-group, (int)signal) == 0;

    public static bool SignalKill(int group) => kill(-group, Kill) == 0;

    /// <summary>To a child that has not been waited for, and its group; one that was started this moment leads no group yet.</summary>
    public static void SignalChild(int child, StopSignal signal) => ToGroupOrChild(child, (int)signal);

    /// <inheritdoc cref="SignalChild"/>
    public static void KillChild(int child) => ToGroupOrChild(child, Kill);

    private static void ToGroupOrChild(int child, int signal)
    {
        if (kill(-child, signal) != 0)
        {
            _ = kill(child, signal);
        }
    }

#pragma warning disable IDE1006, SYSLIB1054 // the C library's name
    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);
#pragma warning restore IDE1006, SYSLIB1054
}
