using System.Text.RegularExpressions;

namespace AiFactory.ModelLibrary.Sources.Directories;

/// <summary>
/// How a file's path names a model and a tag:
/// <code>
/// demo-chat.gguf         model demo-chat, tag latest
/// a-00002-of-00003.gguf  model a,         tag latest, with two files besides
/// a/file.gguf            model a,         tag latest
/// a/b/TAG/file.gguf      model a/b,       tag TAG
/// </code>
/// </summary>
internal static partial class DirectoryLayout
{
    private const string Latest = "latest";
    private const string Extension = ".gguf";
    private const int MaximumNameLength = 200;

    /// <summary>Null for a file that is no model, or whose path makes no valid name.</summary>
    internal static (string Model, string Tag)? NameOf(string path)
    {
        if (!path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var segments = path.Split('/');
        var (model, tag) = segments.Length switch
        {
            1 => (SplitName.TryParse(path)?.Prefix ?? path[..^Extension.Length], Latest),
            2 => (segments[0], Latest),
            _ => (string.Join('/', segments[..^2]), segments[^2]),
        };
        return model.Length <= MaximumNameLength && NamePattern().IsMatch(model) && TagPattern().IsMatch(tag) ? (model, tag) : null;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex TagPattern();
}
