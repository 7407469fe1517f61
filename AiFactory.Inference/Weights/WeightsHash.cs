using System.Security.Cryptography;

namespace AiFactory.Inference.Weights;

internal static class WeightsHash
{
    private const int BufferSize = 1 << 20;

    /// <summary>Of the time, what reading slowly leaves to others: eight parts of nine of one processor and of the disk.</summary>
    private const int PauseFactor = 8;
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(2);

    /// <summary>The SHA-256 of a whole file, in hex.</summary>
    public static async Task<string> OfAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = Open(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
    }

    /// <summary>The same beside what serves: after each piece it rests for a multiple of what the piece took. .NET has no priorities of threads on Linux.</summary>
    public static async Task<string> OfSlowlyAsync(string path, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var file = Open(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferSize];
        while (true)
        {
            var began = time.GetTimestamp();
            var count = await file.ReadAsync(buffer, cancellationToken);
            if (count == 0)
            {
                return Convert.ToHexStringLower(hash.GetHashAndReset());
            }

            hash.AppendData(buffer, 0, count);
            var pause = time.GetElapsedTime(began) * PauseFactor;
            await Task.Delay(pause > LeastPause ? pause : LeastPause, time, cancellationToken);
        }
    }

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, BufferSize, useAsync: true);
}
