using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AiFactory.ServiceDefaults.Objects.Directories;

/// <summary>Makes a rename survive a power cut: its directory has to be synced too, which .NET has no call for.</summary>
internal static partial class FileSync
{
    private const int NoSuchEntry = 2;

    /// <summary>A directory that another's delete has removed meanwhile needs no sync.</summary>
    public static void SyncDirectory(string path)
    {
        // NTFS journals its directories.
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var directory = Open(path, flags: 0, mode: 0); // O_RDONLY is 0 on every Unix.
        if ((directory.IsInvalid || Sync(directory) != 0) && Marshal.GetLastPInvokeError() is var error and not NoSuchEntry)
        {
            throw new IOException($"The directory {path} could not be written to disk (errno {error}).");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(SafeFileHandle directory);
}
