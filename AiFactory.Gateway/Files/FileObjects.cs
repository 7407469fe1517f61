using AiFactory.ServiceDefaults.Objects;

namespace AiFactory.Gateway.Files;

/// <summary>The bytes of files in object storage: <c>gateway/files/{id}</c>.</summary>
internal sealed class FileObjects(IObjectStore store)
{
    public static string Key(Guid id) => $"gateway/files/{id:n}";

    /// <returns>How many bytes it has.</returns>
    public async Task<long> PutAsync(Guid id, Stream content, CancellationToken cancellationToken) =>
        (await store.PutAsync(Key(id), content, cancellationToken: cancellationToken)).EnsureStored().Info.Size;

    public Task<ObjectContent?> OpenAsync(Guid id, CancellationToken cancellationToken) => store.OpenReadAsync(Key(id), cancellationToken: cancellationToken);

    /// <summary>Some bytes of it; null when the object is not there.</summary>
    public async Task<byte[]?> ReadAsync(Guid id, long offset, int length, CancellationToken cancellationToken)
    {
        await using var content = await store.OpenReadAsync(Key(id), new ByteRange(offset, length), cancellationToken);
        if (content is null)
        {
            return null;
        }

        var bytes = new byte[length];
        await content.Stream.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }

    public Task DeleteAsync(Guid id, CancellationToken cancellationToken) => store.DeleteAsync(Key(id), cancellationToken);
}
