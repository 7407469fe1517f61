namespace AiFactory.ServiceDefaults.Objects;

/// <summary>Where the factory keeps bytes: a directory or S3, with one behaviour.</summary>
/// <remarks>
/// Keys are <c>/</c>-separated, 1 to 1024 bytes of UTF-8, each segment 1 to 200 bytes; <c>.</c>, <c>..</c>, a leading <c>/</c>, <c>\</c>, control characters and
/// segments that begin with <c>.aifactory</c> are refused with <see cref="ObjectKeyException"/> by every member. A key should not be the folder of another
/// (<c>a</c> and <c>a/b</c>): a directory cannot hold both and refuses the second.
/// </remarks>
public interface IObjectStore
{
    /// <summary>What is known of an object; null when there is none.</summary>
    Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>The object's bytes as they were when it was opened, even when it is replaced meanwhile; null when there is none. The caller disposes it.</summary>
    /// <param name="range">The bytes wanted; all when null. An end beyond the object's is cut.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range begins at or beyond the object's end.</exception>
    Task<ObjectContent?> OpenReadAsync(string key, ByteRange? range = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Stores the stream from its position to its end under the key, whole or not at all: readers see the old object or the new one, and a
    /// failed or cancelled put leaves nothing. Memory stays bounded whatever the length. The stream is not disposed.
    /// </summary>
    Task<PutResult> PutAsync(string key, Stream content, PutCondition? condition = null, CancellationToken cancellationToken = default);

    /// <summary>Removes the object; absent is fine.</summary>
    Task DeleteAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>One page of the objects whose key begins with <paramref name="prefix"/>, in the order of their keys' UTF-8 bytes.</summary>
    /// <param name="prefix">Any beginning of a key, also in the middle of a segment; empty for all.</param>
    /// <param name="after">Only keys that sort after this one; null for the first page. It need not exist.</param>
    /// <param name="pageSize">1 to 1000.</param>
    Task<ObjectPage> ListAsync(string prefix = "", string? after = null, int pageSize = 1000, CancellationToken cancellationToken = default);
}
