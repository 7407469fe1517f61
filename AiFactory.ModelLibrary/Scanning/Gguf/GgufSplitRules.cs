namespace AiFactory.ModelLibrary.Scanning.Gguf;

/// <summary>
/// The files of a model that comes in several must be all of it, each in its place, as llama.cpp's own tool writes them
/// (https://github.com/ggml-org/llama.cpp/tree/master/tools/gguf-split): <c>split.no</c> from 0, <c>split.count</c>, <c>split.tensors.count</c>. The first has the metadata.
/// </summary>
internal static class GgufSplitRules
{
    private const string Rule = "split";

    /// <summary>The model that the files are together: the metadata of the first, the tensors of all.</summary>
    internal static GgufFile Join(IReadOnlyList<GgufFile> files) => files is [var only]
        ? only
        : files[0] with { Tensors = [.. files.SelectMany(file => file.Tensors)], Length = files.Sum(file => file.Length) };

    internal static IEnumerable<ScanFinding> Check(IReadOnlyList<GgufFile> files)
    {
        if (files is [var only])
        {
            return only.Integer("split.count") is > 1 and var count
                ? [new ScanFinding(Rule, only.Metadata["split.count"].Offset, $"it is one of {count} files (split.count) and came alone: all of them must lie beside each other under the names that they were given, NAME-00001-of-{count:00000}.gguf and so on")]
                : [];
        }

        return [.. files.SelectMany((file, index) => CheckPlace(file, index, files.Count)), .. CheckTensors(files)];
    }

    private static IEnumerable<ScanFinding> CheckPlace(GgufFile file, int index, int count)
    {
        foreach (var (key, wanted) in ((string, long)[])[("split.no", index), ("split.count", count)])
        {
            if (file.Integer(key) != wanted)
            {
                yield return new ScanFinding(
                    Rule,
                    file.Metadata.GetValueOrDefault(key)?.Offset,
                    $"'{key}' {(file.Integer(key) is { } number ? $"is {number}" : "is missing")} and should be {wanted}, by its name and the files beside it",
                    index + 1);
            }
        }
    }

    private static IEnumerable<ScanFinding> CheckTensors(IReadOnlyList<GgufFile> files)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (tensor, file) in files.SelectMany((file, index) => file.Tensors.Select(tensor => (tensor, index + 1))))
        {
            if (!names.Add(tensor.Name))
            {
                yield return new ScanFinding(Rule, tensor.At, $"tensor '{tensor.Name}' is in a file before it as well", file);
            }
        }

        if (files[0].Integer("split.tensors.count") is { } told && told != files.Sum(file => (long)file.Tensors.Count))
        {
            yield return new ScanFinding(Rule, null, $"'split.tensors.count' is {told}, and the {files.Count} files have {files.Sum(file => (long)file.Tensors.Count)} tensors");
        }
    }
}
