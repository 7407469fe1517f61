namespace AiFactory.ModelLibrary.Sources;

/// <summary>Something that a source holds and that may become a model version.</summary>
/// <param name="Path">Within the source, <c>/</c>-separated; its identity there.</param>
/// <param name="Model">The model's name: <c>demo-chat</c>, <c>org/llm</c>.</param>
internal sealed record SourceArtifact(string Path, string Model, string Tag, long Size, DateTimeOffset ModifiedAt);
