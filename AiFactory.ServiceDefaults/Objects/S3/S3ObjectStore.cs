using System.Globalization;
using System.Net;
using Amazon.S3;
using Amazon.S3.Model;

namespace AiFactory.ServiceDefaults.Objects.S3;

/// <summary>Objects in one bucket of any server that speaks S3.</summary>
/// <remarks>Conditions are checked by the server; one that ignores them on a multipart upload is checked once more just before its end.</remarks>
internal sealed class S3ObjectStore(IAmazonS3 client, S3Bucket bucket, TimeProvider time) : IObjectStore, IDisposable
{
    public async Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancellationToken = default)
    {
        ObjectKey.Validate(key);
        await bucket.EnsureAsync(cancellationToken);
        try
        {
            var found = await client.GetObjectMetadataAsync(bucket.Name, key, cancellationToken);
            return new ObjectInfo(key, found.ContentLength, Tag(found.ETag), Time(found.LastModified));
        }
        catch (AmazonS3Exception error) when (error.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public async Task<ObjectContent?> OpenReadAsync(string key, ByteRange? range = null, CancellationToken cancellationToken = default)
    {
        ObjectKey.Validate(key);
        range?.Validate();
        await bucket.EnsureAsync(cancellationToken);
        var request = new GetObjectRequest { BucketName = bucket.Name, Key = key };
        if (range is { } asked)
        {
            request.ByteRange = new Amazon.S3.Model.ByteRange(Header(asked));
        }

        try
        {
            var response = await client.GetObjectAsync(request, cancellationToken);
            var info = new ObjectInfo(key, WholeSize(response), Tag(response.ETag), Time(response.LastModified));
            return new ObjectContent(info, response.ResponseStream);
        }
        catch (AmazonS3Exception error) when (error.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
        catch (AmazonS3Exception error) when (error.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && range is { } beyond)
        {
            throw ByteRange.BeyondEnd(key, beyond);
        }
    }

    public async Task<PutResult> PutAsync(string key, Stream content, PutCondition? condition = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        ObjectKey.Validate(key);
        await bucket.EnsureAsync(cancellationToken);

        // A condition that fails already saves the sending.
        if (!await HoldsAsync(condition, key, cancellationToken))
        {
            return new PutResult.ConditionFailed();
        }

        try
        {
            var upload = new S3Upload(client, bucket.Name, key, condition, token => HoldsAsync(condition, key, token));
            return await upload.RunAsync(content, cancellationToken) is var (etag, size, sha256)
                ? new PutResult.Stored(await InfoAsync(key, size, etag, cancellationToken), sha256)
                : new PutResult.ConditionFailed();
        }
        catch (AmazonS3Exception error) when (condition is not null && IsConditionFailure(error))
        {
            return new PutResult.ConditionFailed();
        }
    }

    public async Task DeleteAsync(string key, CancellationToken cancellationToken = default)
    {
        ObjectKey.Validate(key);
        await bucket.EnsureAsync(cancellationToken);
        await client.DeleteObjectAsync(bucket.Name, key, cancellationToken);
    }

    public async Task<ObjectPage> ListAsync(string prefix = "", string? after = null, int pageSize = 1000, CancellationToken cancellationToken = default)
    {
        ObjectKey.ValidatePrefix(prefix);
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pageSize, 1000);
        await bucket.EnsureAsync(cancellationToken);
        var page = await client.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = bucket.Name, Prefix = prefix, StartAfter = after, MaxKeys = pageSize },
            cancellationToken);
        var objects = (page.S3Objects ?? []).ConvertAll(item => new ObjectInfo(item.Key, item.Size ?? 0, Tag(item.ETag), Time(item.LastModified)));
        return new ObjectPage(objects, page.IsTruncated is true && objects.Count > 0 ? objects[^1].Key : null);
    }

    public void Dispose()
    {
        bucket.Dispose();
        client.Dispose();
    }

    /// <summary>Ceph ends a multipart upload without an ETag: it is asked for.</summary>
    private async Task<ObjectInfo> InfoAsync(string key, long size, string? etag, CancellationToken cancellationToken) =>
        string.IsNullOrEmpty(etag)
            ? await HeadAsync(key, cancellationToken) ?? throw new IOException($"The object '{key}' was removed while it was stored.")
            : new ObjectInfo(key, size, Tag(etag), time.GetUtcNow());

    private async Task<bool> HoldsAsync(PutCondition? condition, string key, CancellationToken cancellationToken) => condition switch
    {
        null => true,
        PutCondition.Absent => await HeadAsync(key, cancellationToken) is null,
        PutCondition.Match match => (await HeadAsync(key, cancellationToken))?.ETag == match.ETag,
        _ => throw new ArgumentOutOfRangeException(nameof(condition)),
    };

    /// <summary>412, or 409 when another write of the key is under way, or 404 where a match was asked of nothing.</summary>
    private static bool IsConditionFailure(AmazonS3Exception error) =>
        error.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict || error.ErrorCode == "NoSuchKey";

    private static string Header(ByteRange range)
    {
        // Beyond long's end is beyond the object's too.
        var last = range.Length is { } length && range.Offset <= long.MaxValue - length ? range.Offset + length - 1 : (long?)null;
        return string.Create(CultureInfo.InvariantCulture, $"bytes={range.Offset}-{last}");
    }

    /// <summary><c>Content-Range: bytes 5-9/1234</c> has the object's size behind its slash.</summary>
    private static long WholeSize(GetObjectResponse response)
    {
        var slash = response.ContentRange?.LastIndexOf('/') ?? -1;
        return slash >= 0 && long.TryParse(response.ContentRange.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? size
            : response.ContentLength;
    }

    /// <summary>Some servers leave the quotes out of some answers.</summary>
    private static string Tag(string etag) => $"\"{etag.Trim('"')}\"";

    private static DateTimeOffset Time(DateTime? modified) =>
        modified is { } known ? new DateTimeOffset(known.ToUniversalTime(), TimeSpan.Zero) : DateTimeOffset.UnixEpoch;
}
