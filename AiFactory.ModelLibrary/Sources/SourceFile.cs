namespace AiFactory.ModelLibrary.Sources;

/// <summary>A file of a source, and whose it is.</summary>
/// <param name="Path">Within the source, <c>/</c>-separated; its identity there.</param>
/// <param name="Model">The model's name: <c>demo-chat</c>, <c>org/llm</c>.</param>
internal sealed record SourceFile(string Path, string Model, string Tag, long Size, DateTimeOffset ModifiedAt);
