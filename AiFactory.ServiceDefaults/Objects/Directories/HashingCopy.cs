using System.Security.Cryptography;

namespace AiFactory.ServiceDefaults.Objects.Directories;

/// <summary>Copies a stream while it computes the digest of what passes.</summary>
internal static class HashingCopy
{
    public const int BufferBytes = 1024 * 1024;

    /// <returns>The SHA-256 in lower-case hex.</returns>
    public static async Task<string> CopyAsync(Stream source, Stream target, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int read;
            while ((read = await source.ReadAsync(buffer, cancellationToken)) > 0)
            {
                hash.AppendData(buffer, 0, read);
                await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
