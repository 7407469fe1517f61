using System.Globalization;
using System.Text.RegularExpressions;

namespace AiFactory.ModelLibrary.Sources;

/// <summary>llama.cpp's name for one of a model's several files: <c>chat-00001-of-00003.gguf</c>, in lower case, as llama.cpp itself writes it.</summary>
/// <param name="Prefix">What stands before the number, with the folder when there was one.</param>
/// <param name="Number">From 1.</param>
internal sealed partial record SplitName(string Prefix, int Number, int Count)
{
    /// <summary>Files of one model. The largest known come in some 200; each is an entry of every list and of every order.</summary>
    internal const int Most = 1_000;

    internal static SplitName? TryParse(string path) =>
        Pattern().Match(path) is { Success: true } match
        && int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture) is >= 1 and var number
        && int.Parse(match.Groups[3].ValueSpan, CultureInfo.InvariantCulture) is > 1 and var count && number <= count
            ? new SplitName(match.Groups[1].Value, number, count)
            : null;

    /// <summary>All files of the model that a path is the first or the only one of, in their order.</summary>
    internal static IEnumerable<string> PathsOf(string path) => TryParse(path)?.All() ?? [path];

    internal IEnumerable<string> All() =>
        Enumerable.Range(1, Count).Select(number => string.Create(CultureInfo.InvariantCulture, $"{Prefix}-{number:00000}-of-{Count:00000}.gguf"));

    [GeneratedRegex(@"\A(.+)-([0-9]{5})-of-([0-9]{5})\.gguf\z", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
