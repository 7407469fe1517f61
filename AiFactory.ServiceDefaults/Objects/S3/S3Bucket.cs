using System.Net;
using Amazon.S3;
using Amazon.S3.Model;

namespace AiFactory.ServiceDefaults.Objects.S3;

/// <summary>Sees once that the bucket is there, and makes it where that is allowed.</summary>
internal sealed class S3Bucket(IAmazonS3 client, string name, bool mayCreate) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);
    private volatile bool _isThere;

    public string Name => name;

    public async ValueTask EnsureAsync(CancellationToken cancellationToken)
    {
        if (_isThere)
        {
            return;
        }

        await _one.WaitAsync(cancellationToken);
        try
        {
            if (!_isThere && !await ExistsAsync(cancellationToken))
            {
                await CreateAsync(cancellationToken);
            }

            _isThere = true;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<bool> ExistsAsync(CancellationToken cancellationToken)
    {
        try
        {
            await client.HeadBucketAsync(new HeadBucketRequest { BucketName = name }, cancellationToken);
            return true;
        }
        catch (AmazonS3Exception error) when (error.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    private async Task CreateAsync(CancellationToken cancellationToken)
    {
        if (!mayCreate)
        {
            throw new InvalidOperationException($"There is no bucket '{name}', and CreateBucket=false forbids making it.");
        }

        try
        {
            await client.PutBucketAsync(new PutBucketRequest { BucketName = name }, cancellationToken);
        }
        catch (AmazonS3Exception error) when (error.ErrorCode is "BucketAlreadyOwnedByYou" or "BucketAlreadyExists" && error.StatusCode == HttpStatusCode.Conflict)
        {
            // Another replica was first; if the bucket is a stranger's, the next call is refused.
        }
    }
}
