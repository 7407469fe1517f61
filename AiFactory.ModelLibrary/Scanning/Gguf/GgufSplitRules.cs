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
            return only.Metadata.GetValueOrDefault("split.count") switch
            {
                null => [],
                GgufValue.Integer { Type: GgufValueType.UInt16, Value: var count } when count <= 1 => [],
                GgufValue.Integer { Offset: var at, Value: var count } when count > 1 =>
                    [new ScanFinding(Rule, at, $"it is one of {count} files (split.count) and came alone: all of them must lie beside each other under the names that they were given, NAME-00001-of-{(long)count:00000}.gguf and so on")],
                var other => [new ScanFinding(Rule, other.Offset, "'split.count' must be a uint16")],
            };
        }

        var tensors = files.Sum(file => (long)file.Tensors.Count);
        return [.. files.SelectMany((file, index) => CheckPlace(file, index, files.Count, tensors)), .. CheckNames(files)];
    }

    /// <summary>Types as well as numbers: llama.cpp asserts that of <c>split.no</c>, and a failed assertion ends the worker's process.</summary>
    private static IEnumerable<ScanFinding> CheckPlace(GgufFile file, int index, int count, long tensors)
    {
        foreach (var (key, type, wanted) in ((string, GgufValueType, long)[])
            [
                ("split.no", GgufValueType.UInt16, index),
                ("split.count", GgufValueType.UInt16, count),
                ("split.tensors.count", GgufValueType.Int32, tensors),
            ])
        {
            var told = file.Metadata.GetValueOrDefault(key);
            if (told is not GgufValue.Integer number || number.Type != type || number.Value != wanted)
            {
                var what = told switch { null => "is missing", GgufValue.Integer other => $"is {other.Value} ({other.Type})", _ => "is no number" };
                yield return new ScanFinding(Rule, told?.Offset, $"'{key}' {what} and should be {wanted} ({type}), by its name and the files beside it", index + 1);
            }
        }
    }

    private static IEnumerable<ScanFinding> CheckNames(IReadOnlyList<GgufFile> files)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (tensor, file) in files.SelectMany((file, index) => file.Tensors.Select(tensor => (tensor, index + 1))))
        {
            if (!names.Add(tensor.Name))
            {
                yield return new ScanFinding(Rule, tensor.At, $"tensor '{tensor.Name}' is in a file before it as well", file);
            }
        }
    }
}
