using System.Security.Cryptography;
using AiFactory.ServiceDefaults.Objects;

namespace AiFactory.Inference.Weights;

/// <summary>One file of weights on its way from object storage: its partial file, and its hash so far.</summary>
internal sealed class WeightsFile(IObjectStore store, string key, long size, string sha256, string partialPath)
{
    private const int BufferSize = 1 << 20;

    /// <summary>
    /// 1. Hash what an earlier attempt left. 2. Fetch the rest from there, hashing while writing. 3. Flush to the disk and compare the digests.
    /// What was written stays when it is interrupted; it goes when its digest is wrong.
    /// </summary>
    /// <returns>Whether the digest is right.</returns>
    /// <exception cref="WeightsException">The object is gone, or has another size.</exception>
    public async Task<bool> FetchAsync(Action<double> progress, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var file = new FileStream(partialPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, BufferSize, useAsync: true);
        if (file.Length > size)
        {
            file.SetLength(0);
        }

        var buffer = new byte[BufferSize];
        await HashAsync(file, hash, buffer, cancellationToken);
        while (file.Position < size)
        {
            await using var content = await store.OpenReadAsync(key, new ByteRange(file.Position), cancellationToken)
                ?? throw new WeightsException($"The object '{key}' is not in object storage.");
            if (content.Info.Size != size)
            {
                throw new WeightsException($"The object '{key}' has {content.Info.Size} bytes, the deployment says {size}.");
            }

            int count;
            while (file.Position < size && (count = await content.Stream.ReadAsync(buffer, cancellationToken)) > 0)
            {
                await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                hash.AppendData(buffer, 0, count);
                progress((double)file.Position / size);
            }
        }

        await file.FlushAsync(cancellationToken);
        file.Flush(flushToDisk: true);
        return Matches(hash, sha256);
    }

    /// <summary>Whether a whole file has the digest.</summary>
    public static async Task<bool> VerifyAsync(string path, string sha256, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, BufferSize, useAsync: true);
        await HashAsync(file, hash, new byte[BufferSize], cancellationToken);
        return Matches(hash, sha256);
    }

    private static async Task HashAsync(FileStream file, IncrementalHash hash, byte[] buffer, CancellationToken cancellationToken)
    {
        int count;
        while ((count = await file.ReadAsync(buffer, cancellationToken)) > 0)
        {
            hash.AppendData(buffer, 0, count);
        }
    }

    private static bool Matches(IncrementalHash hash, string sha256) => Convert.ToHexStringLower(hash.GetHashAndReset()) == sha256;
}
