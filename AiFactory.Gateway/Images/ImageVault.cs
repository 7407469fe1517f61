using AiFactory.ServiceDefaults.Objects;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Images;

/// <summary>Images in object storage, for as long as their addresses can be called: <c>gateway/images/{id}</c>.</summary>
internal sealed class ImageVault(ImageStore store, IObjectStore objects, ImageLinks links, IOptions<ImageOptions> options, TimeProvider time)
{
    public static string Key(Guid id) => $"gateway/images/{id:n}";

    /// <summary>Asks both of what images are kept in for something small: before an image is made and paid.</summary>
    public async Task TouchAsync(CancellationToken cancellationToken)
    {
        await store.TouchAsync(cancellationToken);
        await objects.HeadAsync(Key(Guid.Empty), cancellationToken);
    }

    /// <returns>Its address.</returns>
    public async Task<string> KeepAsync(HttpRequest request, string project, byte[] image, ImageType type, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (id, expiresAt) = (Guid.CreateVersion7(now), now + options.Value.LinkLifetime);
        await store.InsertAsync(id, project, expiresAt, cancellationToken);
        using var content = new MemoryStream(image, writable: false);
        (await objects.PutAsync(Key(id), content, cancellationToken: cancellationToken)).EnsureStored();
        return links.Of(request, id, type, expiresAt);
    }

    /// <summary>Null where it is not there any more.</summary>
    public Task<ObjectContent?> OpenAsync(Guid id, CancellationToken cancellationToken) => objects.OpenReadAsync(Key(id), cancellationToken: cancellationToken);
}
