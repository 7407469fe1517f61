using System.Runtime.InteropServices;
using AiFactory.ModelLibrary.Sources.Directories.Native;

namespace AiFactory.ModelLibrary.Sources.Directories;

/// <summary>Only plain files are artifacts: a pipe, a socket or a device named like a model is none, and reading one may never end.</summary>
internal static class RegularFile
{
    private const int NoSuchFile = 2;
    private const int NotADirectory = 20;

    /// <summary>Elsewhere than on Linux the question is answered when the file is opened.</summary>
    internal static bool Is(string path) => !OperatingSystem.IsLinux() || LinuxNative.IsRegular(path);

    /// <summary>The file, unbuffered; null when it is not there or not a plain file.</summary>
    internal static FileStream? Open(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return new FileStream(path, new FileStreamOptions { Options = FileOptions.SequentialScan | FileOptions.Asynchronous, BufferSize = 0 });
        }

        var handle = LinuxNative.Open(path);
        if (handle.IsInvalid)
        {
            var error = Marshal.GetLastPInvokeError();
            handle.Dispose();
            return error is NoSuchFile or NotADirectory ? null : throw new IOException($"{path} cannot be opened: {Marshal.GetPInvokeErrorMessage(error)}");
        }

        // Asked of the handle and not of the path, which may be another file by now.
        if (!LinuxNative.IsRegular(handle))
        {
            handle.Dispose();
            return null;
        }

        return new FileStream(handle, FileAccess.Read, bufferSize: 0, handle.IsAsync);
    }
}
