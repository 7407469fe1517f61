using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AiFactory.Benchmarks.GatewayLoad.Native;

/// <summary>Which of many sockets can be read, asked by one thread. .NET's own asynchronous sockets cost several times as much for each piece.</summary>
internal sealed class Epoll() : SafeHandleMinusOneIsInvalid(ownsHandle: true)
{
    private const int Most = 512;

    private readonly byte[] _events = new byte[Most * EpollNative.EventSize];

    public static Epoll Open()
    {
        var epoll = EpollNative.Create(EpollNative.CloseOnExec);
        return epoll.IsInvalid ? throw new Win32Exception(Marshal.GetLastPInvokeError()) : epoll;
    }

    public unsafe void Add(int descriptor)
    {
        var change = stackalloc byte[16];
        *(uint*)change = EpollNative.Readable | EpollNative.PeerLeft;
        *(long*)(change + EpollNative.DataOffset) = descriptor;
        if (EpollNative.Control(this, EpollNative.Add, descriptor, change) < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    public unsafe void Remove(int descriptor)
    {
        var change = stackalloc byte[16];
        _ = EpollNative.Control(this, EpollNative.Remove, descriptor, change);
    }

    /// <summary>Waits for at most so many nanoseconds.</summary>
    /// <param name="descriptors">Room for 512.</param>
    /// <returns>How many can be read.</returns>
    public unsafe int Wait(long nanoseconds, Span<int> descriptors)
    {
        var time = stackalloc long[2] { Math.Max(0, nanoseconds) / 1_000_000_000, Math.Max(0, nanoseconds) % 1_000_000_000 };
        fixed (byte* events = _events)
        {
            var count = EpollNative.Wait(this, events, Math.Min(Most, descriptors.Length), time, 0);
            for (var i = 0; i < count; i++)
            {
                descriptors[i] = (int)*(long*)(events + (i * EpollNative.EventSize) + EpollNative.DataOffset);
            }

            // Interrupted by a signal is nothing.
            return Math.Max(0, count);
        }
    }

    protected override bool ReleaseHandle()
    {
        using var owner = new SafeFileHandle(handle, ownsHandle: true);
        return true;
    }
}
