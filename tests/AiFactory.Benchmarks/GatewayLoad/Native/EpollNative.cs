using System.Runtime.InteropServices;

namespace AiFactory.Benchmarks.GatewayLoad.Native;

/// <summary>epoll(7). <c>struct epoll_event</c> is packed on x86-64 and on no other machine, so its place in a buffer is computed and not declared.</summary>
internal static unsafe partial class EpollNative
{
    public const int CloseOnExec = 0x80000;
    public const int Add = 1;
    public const int Remove = 2;
    public const uint Readable = 0x1;
    public const uint PeerLeft = 0x2000;

    private static readonly bool IsPacked = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    public static int EventSize { get; } = IsPacked ? 12 : 16;

    public static int DataOffset { get; } = IsPacked ? 4 : 8;

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial Epoll Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int Control(Epoll epoll, int operation, int descriptor, byte* change);

    /// <param name="time">Seconds and nanoseconds.</param>
    [LibraryImport("libc", EntryPoint = "epoll_pwait2", SetLastError = true)]
    public static partial int Wait(Epoll epoll, byte* events, int most, long* time, nint signals);
}
