namespace AiFactory.ModelLibrary.Sources;

/// <summary>What a source holds and that may become a model version: one file, or all of a model that comes in several.</summary>
/// <param name="Files">In their order.</param>
/// <param name="Lacking">The first of the files that are not there.</param>
/// <param name="LackingCount">How many are not there.</param>
internal sealed record SourceArtifact(string Model, string Tag, IReadOnlyList<SourceFile> Files, IReadOnlyList<string> Lacking, int LackingCount)
{
    private const int Named = 3;

    /// <summary>Of its first file.</summary>
    internal string Path => Files[0].Path;

    internal long Size => Files.Sum(file => file.Size);

    /// <summary>The files as the artifacts that they make, in the order of the first file of each.</summary>
    internal static IReadOnlyList<SourceArtifact> Gather(IEnumerable<SourceFile> files) =>
        [.. files.GroupBy(file => SplitName.PathsOf(file.Path).First(), StringComparer.Ordinal).Select(group => Of([.. group.OrderBy(file => file.Path, StringComparer.Ordinal)]))];

    private static SourceArtifact Of(SourceFile[] files)
    {
        var present = files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        var lacking = (SplitName.TryParse(files[0].Path)?.Count ?? 1) - files.Length;
        return new SourceArtifact(
            files[0].Model, files[0].Tag, files, lacking == 0 ? [] : [.. SplitName.PathsOf(files[0].Path).Where(path => !present.Contains(path)).Take(Named)], lacking);
    }
}
