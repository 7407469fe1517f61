using System.Globalization;
using System.Text.RegularExpressions;

namespace AiFactory.Inference.Weights;

/// <summary>llama.cpp's name for a part of a model: <c>chat-00001-of-00003.gguf</c>.</summary>
/// <param name="Prefix">What stands before the number, with the folder when there was one.</param>
/// <param name="Number">From 1.</param>
internal sealed partial record SplitName(string Prefix, int Number, int Count)
{
    public static SplitName? TryParse(string name) =>
        Pattern().Match(name) is { Success: true } match
        && int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture) is >= 1 and var number
        && int.Parse(match.Groups[3].ValueSpan, CultureInfo.InvariantCulture) is var count && number <= count
            ? new SplitName(match.Groups[1].Value, number, count)
            : null;

    /// <summary>The names of all parts, in their order.</summary>
    public IEnumerable<string> All() => Enumerable.Range(1, Count).Select(number => string.Create(CultureInfo.InvariantCulture, $"{Prefix}-{number:00000}-of-{Count:00000}.gguf"));

    [GeneratedRegex(@"\A(.+)-([0-9]{5})-of-([0-9]{5})\.gguf\z", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
