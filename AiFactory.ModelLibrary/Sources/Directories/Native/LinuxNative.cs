using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace AiFactory.ModelLibrary.Sources.Directories.Native;

/// <summary>What .NET does not say of a file: whether it is one. Opening a pipe for reading, for one, waits for a writer for ever.</summary>
[SupportedOSPlatform("linux")]
internal static partial class LinuxNative
{
    // asm-generic/fcntl.h; the same on x86-64 and arm64.
    private const int ReadOnly = 0;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;

    private const int WorkingDirectory = -100;
    private const int EmptyPath = 0x1000;
    private const uint TypeOnly = 1;

    /// <summary>stx_mode in struct statx, which is the same on every architecture (https://man7.org/linux/man-pages/man2/statx.2.html).</summary>
    private const int ModeOffset = 28;
    private const int StatxSize = 256;
    private const int TypeMask = 0xF000;
    private const int Regular = 0x8000;

    /// <summary>Opens without waiting for anybody. The handle is invalid when it cannot be opened.</summary>
    internal static SafeFileHandle Open(string path) => OpenFile(path, ReadOnly | NonBlocking | CloseOnExec);

    internal static bool IsRegular(string path)
    {
        var status = new byte[StatxSize];
        return Statx(WorkingDirectory, path, 0, TypeOnly, status) == 0 && IsRegular(status);
    }

    internal static bool IsRegular(SafeFileHandle handle)
    {
        var status = new byte[StatxSize];
        return StatxOfHandle(handle, "", EmptyPath, TypeOnly, status) == 0 && IsRegular(status);
    }

    private static bool IsRegular(byte[] status) => (BitConverter.ToUInt16(status, ModeOffset) & TypeMask) == Regular;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, [Out] byte[] status);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatxOfHandle(SafeFileHandle directory, string path, int flags, uint mask, [Out] byte[] status);
}
