using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AiFactory.Testing.Factory;

/// <summary>
/// A network that has a loopback and nothing else, in which a program and all its children run
/// (https://man7.org/linux/man-pages/man7/network_namespaces.7.html). Who is outside comes in by a thread that enters it.
/// </summary>
/// <param name="processId">A process that runs there.</param>
public sealed partial class CutNetwork(int processId)
{
    /// <summary>What stands before a program's command line. It becomes the program: same process id.</summary>
    public static IReadOnlyList<string> Prefix { get; } = ["unshare", "--net", "--", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"];

    /// <summary>Why there can be no such network; null when there can.</summary>
    public static string? Missing { get; } = Probe();

    /// <summary>The names of its interfaces.</summary>
    public IReadOnlyList<string> Interfaces() =>
        // Two lines of headings, then "    lo: 1234 ..." for each.
        [.. File.ReadLines($"/proc/{processId}/net/dev").Skip(2).Select(line => line.Split(':')[0].Trim())];

    /// <summary>Connects from within: a socket stays in the network in which it was made, whoever uses it later.</summary>
    /// <exception cref="SocketException">There is no way there.</exception>
    public Task<Socket> ConnectAsync(IPEndPoint to) => WithinAsync(() =>
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Connect(to);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    });

    /// <summary>A thread's network is its own. One of the pool would take it along to other work, so it is a thread that ends with this.</summary>
    private Task<T> WithinAsync<T>(Func<T> work)
    {
        var task = new Task<T>(() =>
        {
            using var network = File.OpenHandle($"/proc/{processId}/ns/net", share: FileShare.ReadWrite);
            return Native.SetNamespace(network, Native.NewNetwork) == 0 ? work() : throw new Win32Exception();
        });
        new Thread(() => task.RunSynchronously(TaskScheduler.Default)) { IsBackground = true, Name = "within the cut network" }.Start();
        return task;
    }

    private static string? Probe()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "Only Linux gives a process a network of its own.";
        }

        using var process = Process.Start(new ProcessStartInfo(Prefix[0], [.. Prefix.Skip(1), "true"]) { RedirectStandardError = true });
        var complaint = process?.StandardError.ReadToEnd().Trim();
        process?.WaitForExit();
        return process?.ExitCode == 0 ? null : $"No process can be given a network of its own here, which takes root, unshare and ip: {complaint}";
    }

    private static partial class Native
    {
        /// <summary><c>CLONE_NEWNET</c>.</summary>
        internal const int NewNetwork = 0x4000_0000;

        [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
        internal static partial int SetNamespace(SafeFileHandle handle, int kind);
    }
}
