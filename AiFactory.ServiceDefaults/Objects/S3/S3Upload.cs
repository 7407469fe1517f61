using System.Buffers;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;

namespace AiFactory.ServiceDefaults.Objects.S3;

/// <summary>One put. What fits one part goes in one request, more goes in parts, one part in memory at a time.</summary>
internal sealed class S3Upload(IAmazonS3 client, string bucket, string key, PutCondition? condition, Func<CancellationToken, Task<bool>> conditionHolds)
{
    private const int SmallestPart = 16 * 1024 * 1024;

    /// <summary>S3 takes at most 10,000 parts: 160 GB of a stream whose length is not known.</summary>
    private const int MaximumParts = 10_000;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _size;
    private bool _conditionFailed;

    /// <summary>Without its quotes: S3 takes both, Ceph only this.</summary>
    private string? MatchTag => (condition as PutCondition.Match)?.ETag.Trim('"');

    /// <returns>The object's ETag where the server says it, size in bytes and SHA-256; null when the condition was found not to hold.</returns>
    public async Task<(string? ETag, long Size, string Sha256)?> RunAsync(Stream content, CancellationToken cancellationToken)
    {
        var partBytes = PartBytes(content);
        var buffer = ArrayPool<byte>.Shared.Rent(partBytes);
        try
        {
            var first = await FillAsync(content, buffer.AsMemory(0, partBytes), cancellationToken);
            var etag = first < partBytes
                ? await PutWholeAsync(buffer, first, cancellationToken)
                : await PutPartsAsync(content, buffer, partBytes, cancellationToken);
            return _conditionFailed ? null : (etag, _size, Convert.ToHexStringLower(_hash.GetHashAndReset()));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            _hash.Dispose();
        }
    }

    private async Task<string> PutWholeAsync(byte[] buffer, int length, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream(buffer, 0, length, writable: false);
        var request = new PutObjectRequest
        {
            BucketName = bucket,
            Key = key,
            InputStream = body,
            AutoCloseStream = false,
            UseChunkEncoding = false,
            IfNoneMatch = condition is PutCondition.Absent ? "*" : null,
            IfMatch = MatchTag,
        };
        return (await client.PutObjectAsync(request, cancellationToken)).ETag;
    }

    /// <summary>The buffer holds the first part when this is called.</summary>
    private async Task<string?> PutPartsAsync(Stream content, byte[] buffer, int partBytes, CancellationToken cancellationToken)
    {
        var upload = await client.InitiateMultipartUploadAsync(bucket, key, cancellationToken);
        var completed = false;
        try
        {
            var parts = new List<PartETag>();
            for (var length = partBytes; length > 0; length = await FillAsync(content, buffer.AsMemory(0, partBytes), cancellationToken))
            {
                parts.Add(await PutPartAsync(upload.UploadId, parts.Count + 1, buffer, length, cancellationToken));
                if (length < partBytes)
                {
                    break;
                }
            }

            // Older servers know no condition here, and would replace what was stored meanwhile.
            if (condition is not null && !await conditionHolds(cancellationToken))
            {
                _conditionFailed = true;
                return null;
            }

            var request = new CompleteMultipartUploadRequest
            {
                BucketName = bucket,
                Key = key,
                UploadId = upload.UploadId,
                PartETags = parts,
                IfNoneMatch = condition is PutCondition.Absent ? "*" : null,
                IfMatch = MatchTag,
            };
            var etag = (await client.CompleteMultipartUploadAsync(request, cancellationToken)).ETag;
            completed = true;
            return etag;
        }
        finally
        {
            if (!completed)
            {
                await AbortAsync(upload.UploadId);
            }
        }
    }

    private async Task<PartETag> PutPartAsync(string uploadId, int number, byte[] buffer, int length, CancellationToken cancellationToken)
    {
        if (number > MaximumParts)
        {
            throw new IOException($"The object '{key}' is longer than {MaximumParts} parts of a stream of unknown length can hold.");
        }

        using var body = new MemoryStream(buffer, 0, length, writable: false);
        var part = await client.UploadPartAsync(
            new UploadPartRequest
            {
                BucketName = bucket,
                Key = key,
                UploadId = uploadId,
                PartNumber = number,
                PartSize = length,
                InputStream = body,
                UseChunkEncoding = false,
            },
            cancellationToken);
        return new PartETag(number, part.ETag);
    }

    /// <summary>Parts that are never completed cost space until they are aborted. The caller's token is cancelled already, perhaps: it is not asked.</summary>
    private async Task AbortAsync(string uploadId)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await client.AbortMultipartUploadAsync(bucket, key, uploadId, limit.Token);
        }
        catch (Exception error) when (error is AmazonS3Exception or OperationCanceledException or HttpRequestException)
        {
            // What made the put fail is thrown; a server that is away keeps the parts until its lifecycle rule removes them.
        }
    }

    private async Task<int> FillAsync(Stream content, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var read = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        _hash.AppendData(buffer.Span[..read]);
        _size += read;
        return read;
    }

    private static int PartBytes(Stream content)
    {
        var wanted = content.CanSeek ? (content.Length - content.Position) / (MaximumParts - 1) : 0;
        return (int)Math.Clamp(wanted, SmallestPart, 1024 * 1024 * 1024);
    }
}
