namespace AiFactory.ServiceDefaults.Objects;

/// <summary>An object being read.</summary>
/// <param name="info">Of the very version that <paramref name="stream"/> reads.</param>
/// <param name="stream">The bytes of the range, forward only.</param>
public sealed class ObjectContent(ObjectInfo info, Stream stream) : IAsyncDisposable
{
    public ObjectInfo Info { get; } = info;

    public Stream Stream { get; } = stream;

    public ValueTask DisposeAsync() => Stream.DisposeAsync();
}
