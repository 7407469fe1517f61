namespace AiFactory.ModelLibrary.Sources;

/// <summary>One kind of place that models come from.</summary>
internal interface ISourceConnector
{
    /// <summary>The value of a source's <c>kind</c>.</summary>
    string Kind { get; }

    /// <summary>What is wrong with a location; null when it may be used.</summary>
    string? Refuse(string location);

    /// <summary>All files of models that are there now, in the order of their paths.</summary>
    /// <exception cref="SourceException">The location cannot be read.</exception>
    IAsyncEnumerable<SourceFile> ListAsync(string location, CancellationToken cancellationToken);

    /// <summary>A file as it is now and its bytes; null when it is gone.</summary>
    /// <exception cref="SourceException">It may not be read.</exception>
    Task<OpenArtifact?> OpenAsync(string location, string path, CancellationToken cancellationToken);
}
