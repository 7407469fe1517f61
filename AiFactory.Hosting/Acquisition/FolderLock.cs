namespace AiFactory.Hosting.Acquisition;

/// <summary>
/// A lock between processes, held by an open file: the operating system drops that of a process that dies, so a killed download
/// blocks nobody.
/// </summary>
internal static class FolderLock
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    /// <summary>Waits its turn; disposing the file gives it up.</summary>
    /// <param name="waiting">Called once when another holds the lock.</param>
    public static async Task<FileStream> TakeAsync(string path, Action waiting, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? path);
        for (var waited = false; ; waited = true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                if (!waited)
                {
                    waiting();
                }

                await Task.Delay(Poll, cancellationToken);
            }
        }
    }
}
