using AiFactory.ServiceDefaults.Objects;

namespace AiFactory.Gateway.Files.Uploads;

/// <summary>The bytes of parts in object storage: <c>gateway/uploads/{upload}/{part}</c>.</summary>
internal sealed class UploadObjects(IObjectStore store)
{
    public async Task<long> PutAsync(Guid upload, Guid part, Stream content, CancellationToken cancellationToken) =>
        (await store.PutAsync(Key(upload, part), content, cancellationToken: cancellationToken)).EnsureStored().Info.Size;

    /// <exception cref="IOException">It is not there: taken away meanwhile.</exception>
    public async Task<Stream> OpenAsync(Guid upload, Guid part, CancellationToken cancellationToken) =>
        await store.OpenReadAsync(Key(upload, part), cancellationToken: cancellationToken) is { } content ? content.Stream : throw new IOException($"The object '{Key(upload, part)}' is not in object storage.");

    public Task DeleteAsync(Guid upload, Guid part, CancellationToken cancellationToken) => store.DeleteAsync(Key(upload, part), cancellationToken);

    private static string Key(Guid upload, Guid part) => $"gateway/uploads/{upload:n}/{part:n}";
}
