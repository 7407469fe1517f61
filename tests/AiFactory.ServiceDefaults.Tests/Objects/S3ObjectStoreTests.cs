using AiFactory.ServiceDefaults.Objects;
using AiFactory.ServiceDefaults.Objects.S3;
using AiFactory.Testing.S3;
using Amazon.S3;

namespace AiFactory.ServiceDefaults.Tests.Objects;

[Collection(MeasuredAlone.Name)]
public sealed class S3ObjectStoreTests(S3Fixture fixture) : ObjectStoreContract
{
    private readonly string _bucket = $"test-{Guid.CreateVersion7():n}";
    private S3ObjectStore? _store;

    protected override int ManyKeys => 1500;

    public override ValueTask DisposeAsync()
    {
        _store?.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_bucket_is_not_made_where_that_is_forbidden()
    {
        using var store = await OpenAsync($"absent-{Guid.CreateVersion7():n}", "CreateBucket=false");

        (await Should.ThrowAsync<InvalidOperationException>(() => store.ListAsync(cancellationToken: Token))).Message.ShouldContain("CreateBucket=false");
    }

    [Fact]
    public async Task A_wrong_secret_is_refused()
    {
        var server = await fixture.ServerAsync();
        if (!server.VerifiesSignatures)
        {
            // moto takes any signature: what is left to see is that the keys are sent.
            return;
        }

        using var store = await OpenAsync(_bucket, "SecretKey=wrong");

        await Should.ThrowAsync<AmazonS3Exception>(() => store.ListAsync(cancellationToken: Token));
    }

    protected override async Task<IObjectStore> CreateStoreAsync() => _store = await OpenAsync(_bucket, "CreateBucket=true");

    protected override async Task<int> LeftoversAsync()
    {
        using var client = S3Client.Create(await SettingsAsync(_bucket, "CreateBucket=true"));
        var uploads = await client.ListMultipartUploadsAsync(new Amazon.S3.Model.ListMultipartUploadsRequest { BucketName = _bucket }, Token);
        return uploads.MultipartUploads?.Count ?? 0;
    }

    private async Task<S3ObjectStore> OpenAsync(string bucket, string more)
    {
        var settings = await SettingsAsync(bucket, more);
        var client = S3Client.Create(settings);
        return new S3ObjectStore(client, new S3Bucket(client, settings.Bucket, settings.CreateBucket), TimeProvider.System);
    }

    private async Task<ObjectStoreSettings.S3> SettingsAsync(string bucket, string more) =>
        (ObjectStoreSettings.S3)ObjectStoreSettings.Parse("ConnectionStrings:objects", $"{(await fixture.ServerAsync()).ConnectionString(bucket)};{more}");
}
