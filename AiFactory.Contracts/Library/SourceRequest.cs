namespace AiFactory.Contracts.Library;

/// <summary>Where models come from, and which of them may enter.</summary>
/// <param name="Kind">For now <c>directory</c>.</param>
/// <param name="Location">For a directory: its absolute path, on the library's machine, below one of the roots that the library's settings allow.</param>
/// <param name="NamePattern">A glob over model names (<c>*</c> any run of characters but <c>/</c>, <c>**</c> any); every name when null.</param>
/// <param name="TagFilter">A regular expression over tags; every tag when null.</param>
public sealed record SourceRequest(string Name, string Kind, string Location, string? NamePattern, string? TagFilter, bool? Enabled);
