using System.Text;

namespace AiFactory.ServiceDefaults.Objects.Directories;

/// <summary>
/// One writer at a time on a key, in this process and in every other on the machine: 256 lock files, of which a key takes one by its hash.
/// The system frees a lock with its process.
/// </summary>
internal sealed class KeyLocks(ObjectPaths paths, TimeProvider time)
{
    private const int Stripes = 256;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(2);

    private readonly SemaphoreSlim[] _inProcess = [.. Enumerable.Range(0, Stripes).Select(_ => new SemaphoreSlim(1, 1))];

    public async Task<IDisposable> AcquireAsync(string key, CancellationToken cancellationToken)
    {
        var stripe = StripeOf(key);
        var gate = _inProcess[stripe];
        await gate.WaitAsync(cancellationToken);
        Held? held = null;
        try
        {
            return held = new Held(gate, await OpenAsync(Path.Combine(paths.Locks, $"{stripe:x2}"), cancellationToken));
        }
        finally
        {
            if (held is null)
            {
                gate.Release();
            }
        }
    }

    private async Task<FileStream> OpenAsync(string file, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                // FileShare.None is flock(LOCK_EX | LOCK_NB) on Unix: whoever has the file open holds the lock.
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            }
            catch (DirectoryNotFoundException)
            {
                Directory.CreateDirectory(paths.Locks);
            }
            catch (IOException error) when (IsHeld(error))
            {
                // Another process commits, which takes as long as a rename.
                await Task.Delay(Poll, time, cancellationToken);
            }
        }
    }

    /// <summary>EWOULDBLOCK, as the runtime passes it on: 11 on Linux, 35 on macOS; on Windows ERROR_SHARING_VIOLATION. A full disk or a broken one is not waited for.</summary>
    private static bool IsHeld(IOException error) =>
        error.HResult == (OperatingSystem.IsWindows() ? unchecked((int)0x80070020) : OperatingSystem.IsLinux() ? 11 : 35);

    /// <summary>FNV-1a, the same in every process.</summary>
    private static int StripeOf(string key)
    {
        var hash = 2166136261u;
        foreach (var b in Encoding.UTF8.GetBytes(key))
        {
            hash = (hash ^ b) * 16777619u;
        }

        return (int)((hash ^ (hash >> 16)) % Stripes);
    }

    private sealed class Held(SemaphoreSlim gate, FileStream file) : IDisposable
    {
        public void Dispose()
        {
            file.Dispose();
            gate.Release();
        }
    }
}
