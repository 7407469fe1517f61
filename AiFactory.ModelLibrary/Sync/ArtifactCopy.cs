using AiFactory.ModelLibrary.Sources;
using AiFactory.ServiceDefaults.Objects;

namespace AiFactory.ModelLibrary.Sync;

/// <summary>Copies one file into object storage under the digest of its bytes.</summary>
internal sealed class ArtifactCopy(IObjectStore objects)
{
    /// <returns>Null when the file is gone.</returns>
    /// <exception cref="ContentChangedException">It changed meanwhile; nothing was stored.</exception>
    internal async Task<CopiedArtifact?> RunAsync(ISourceConnector connector, string location, string path, CancellationToken cancellationToken)
    {
        // 1. The digest names the object, so the file is read once for it: if the object is there, nothing need be copied.
        await using var first = await connector.OpenAsync(location, path, cancellationToken);
        if (first is null)
        {
            return null;
        }

        var (hex, size) = await ContentHash.ComputeAsync(first.Stream, cancellationToken);
        var key = ContentHash.ObjectKey(hex);
        if (await objects.HeadAsync(key, cancellationToken) is { } present && present.Size == size)
        {
            return new CopiedArtifact(hex, size, WasThere: true);
        }

        // 2. Copied through a stream that hashes again and breaks the put off when these are not the same bytes any more.
        await using var second = await connector.OpenAsync(location, path, cancellationToken);
        if (second is null)
        {
            return null;
        }

        await using var verifying = new VerifyingStream(second.Stream, hex);
        return await objects.PutAsync(key, verifying, PutCondition.IfAbsent, cancellationToken) switch
        {
            PutResult.Stored stored when stored.Sha256 != hex => throw new ContentChangedException(),
            PutResult.Stored stored => new CopiedArtifact(hex, stored.Info.Size, WasThere: false),

            // Someone stored the same bytes meanwhile.
            _ => new CopiedArtifact(hex, size, WasThere: true),
        };
    }
}
