using System.Text;

namespace AiFactory.Builder.Models;

/// <summary>The system message that holds a model to rules and to passages, in the form that the shipped model was trained on.</summary>
/// <remarks>
/// <code>
/// Rule: Answer in one sentence.
/// Answer only from the passages below and cite them as [n].
///
/// [1] The gateway listens on port 8080.
/// [2] ...
/// </code>
/// </remarks>
internal static class PassagePrompt
{
    private const string Instruction = "Answer only from the passages below and cite them as [n].";

    /// <summary>The message, or null when there is nothing to say in it.</summary>
    /// <param name="system">What the author of the flow or agent wrote.</param>
    internal static string? Write(string? system, IReadOnlyList<string> rules, IReadOnlyList<string> passages)
    {
        var text = new StringBuilder();
        if (!string.IsNullOrWhiteSpace(system))
        {
            text.Append(system.Trim()).Append('\n');
        }

        foreach (var rule in rules)
        {
            text.Append("Rule: ").Append(OneLine(rule)).Append('\n');
        }

        if (passages.Count > 0)
        {
            text.Append(Instruction).Append("\n\n").Append(Number(passages));
        }

        return text.Length == 0 ? null : text.ToString().TrimEnd('\n');
    }

    /// <summary>One line <c>[n] passage</c> each.</summary>
    internal static string Number(IReadOnlyList<string> passages) =>
        string.Join('\n', passages.Select((passage, index) => Numbered(index + 1, passage)));

    internal static string Numbered(int number, string passage) => $"[{number}] {string.Join(' ', Lines(passage).Select(Ended))}";

    internal static string OneLine(string text) => string.Join(' ', Lines(text));

    private static string[] Lines(string text) => text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>A heading, or an item of a list, has no full stop of its own: without one it would be the beginning of the next sentence.</summary>
    private static string Ended(string line) => char.IsLetterOrDigit(line[^1]) ? line + "." : line;
}
