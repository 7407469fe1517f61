namespace AiFactory.Inference.Weights;

/// <summary>A lock between processes: an open file that nobody else can open meanwhile. It ends with the process, however that ends.</summary>
internal static class FileLock
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Waits until the holder lets go.</summary>
    public static async Task<IDisposable> TakeAsync(string path, TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryTake(path) is { } held)
            {
                return held;
            }

            await Task.Delay(PollInterval, time, cancellationToken);
        }
    }

    /// <returns>Null when it is held, also by <see cref="Share"/>, or when it must exist and does not.</returns>
    public static IDisposable? TryTake(string path, bool mustExist = false)
    {
        try
        {
            return new FileStream(path, mustExist ? FileMode.Open : FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (IOException error) when (IsHeld(error) || (mustExist && error is FileNotFoundException))
        {
            return null;
        }
    }

    /// <summary>Keeps others from taking a file that exists; any number may share it.</summary>
    public static IDisposable Share(string path) => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);

    /// <summary>ERROR_SHARING_VIOLATION, or EWOULDBLOCK of Linux and of macOS; any other fault (a full disk) is no reason to wait.</summary>
    private static bool IsHeld(IOException error) => error.HResult is unchecked((int)0x80070020) or 11 or 35;
}
