namespace AiFactory.ModelLibrary.Sources;

/// <summary>A file being read.</summary>
internal sealed class OpenArtifact(Stream stream, long size, DateTimeOffset modifiedAt) : IAsyncDisposable
{
    internal Stream Stream { get; } = stream;

    internal long Size { get; } = size;

    internal DateTimeOffset ModifiedAt { get; } = modifiedAt;

    public ValueTask DisposeAsync() => Stream.DisposeAsync();
}
