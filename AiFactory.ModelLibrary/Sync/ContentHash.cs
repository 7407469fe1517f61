using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace AiFactory.ModelLibrary.Sync;

/// <summary>The SHA-256 of a stream, read to its end through one buffer.</summary>
internal static class ContentHash
{
    private const int BufferBytes = 1 << 20;
    private const string Prefix = "sha256:";

    /// <returns>64 digits of lower-case hex, and the bytes read.</returns>
    internal static async Task<(string Hex, long Length)> ComputeAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            long length = 0;
            int read;
            while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
            {
                hash.AppendData(buffer.AsSpan(0, read));
                length += read;
            }

            return (Convert.ToHexStringLower(hash.GetHashAndReset()), length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Of one file the digest of its bytes; of several the digest of theirs, a line for each, as the workers have it.</summary>
    internal static string Digest(params IReadOnlyList<string> hexes) => Prefix + (hexes.Count == 1
        ? hexes[0]
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', hexes.Select(hex => Prefix + hex))))));

    /// <summary>Where an artifact lies in object storage: by its content, so that the same bytes lie there once.</summary>
    internal static string ObjectKey(string hex) => "models/sha256/" + hex;
}
