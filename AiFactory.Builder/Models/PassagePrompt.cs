using System.Text;
using System.Text.RegularExpressions;

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
internal static partial class PassagePrompt
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

    internal static string Numbered(int number, string passage) => $"[{number}] {OneLine(Heading().Replace(passage, "$&."))}";

    internal static string OneLine(string text) => string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    /// <summary>Words on a line of their own that an empty line follows. A heading has no full stop, and would be the beginning of the next sentence.</summary>
    [GeneratedRegex(@"(?<=\A|\n\n)\p{Lu}[\p{L}\p{N} ,'()&-]{0,119}(?<=[\p{L}\p{N})])(?=\n\n)")]
    private static partial Regex Heading();
}
