using Microsoft.Win32.SafeHandles;

namespace AiFactory.ServiceDefaults.Outbox;

/// <summary>Files and folders that only this user reads.</summary>
internal static class OutboxFiles
{
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static SafeFileHandle Create(string path)
    {
        // File.OpenHandle takes no mode, and one that is set afterwards leaves a moment in which all may read.
        using var stream = new FileStream(path, Options());
        return File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
    }

    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        Directory.CreateDirectory(path, Own | UnixFileMode.UserExecute);
    }

    /// <summary>Held as long as the stream is open, and no longer than the process lives.</summary>
    public static FileStream Lock(string path)
    {
        var options = Options();
        options.Mode = FileMode.OpenOrCreate;
        options.Share = FileShare.None;
        return new FileStream(path, options);
    }

    private static FileStreamOptions Options()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = Own;
        }

        return options;
    }
}
