using System.Buffers;
using System.Text.RegularExpressions;

namespace AiFactory.ModelLibrary.Scanning;

/// <summary>
/// A chat template is a Jinja program that comes with a model, and engines have run code from hostile ones (CVE-2024-34359). A template that
/// formats messages needs none of what is refused here: names with double underscores, imports, attribute tricks, escapes that hide either.
/// </summary>
internal static partial class ChatTemplateRules
{
    /// <summary>Characters. The longest templates of known models have about 20,000.</summary>
    internal const int MaximumLength = 128 * 1024;

    internal static IEnumerable<ScanFinding> Check(string key, long offset, string template)
    {
        if (template.Length > MaximumLength)
        {
            yield return Finding($"is {template.Length} characters long; the limit is {MaximumLength}");
            yield break;
        }

        if (template.AsSpan().ContainsAny(Controls))
        {
            yield return Finding("holds control characters");
        }

        if (Dunder().Match(template) is { Success: true } dunder)
        {
            yield return Finding($"reaches for Python's insides: {dunder.Value}");
        }

        // What follows is only a program inside {{ }} and {% %}; in the text around it the same words are harmless.
        var code = string.Join('\n', Code().Matches(template).Select(match => match.Value));
        if (Loader().Match(code) is { Success: true } loader)
        {
            yield return Finding($"loads other code: {loader.Value.Trim()}");
        }

        if (Hidden().Match(code) is { Success: true } hidden)
        {
            yield return Finding($"hides an underscore behind an escape: {hidden.Value}");
        }

        if (Attribute().Match(code) is { Success: true } attribute)
        {
            yield return Finding($"uses a construct that no message needs: {attribute.Value.Trim()}");
        }

        if (HugeRange().Match(code) is { Success: true } range)
        {
            yield return Finding($"loops without measure: {range.Value}");
        }

        ScanFinding Finding(string complaint) => new("chat-template", offset, $"the chat template '{key}' {complaint}");
    }

    private static readonly SearchValues<char> Controls =
        SearchValues.Create([.. Enumerable.Range(0, 32).Where(code => code is not (9 or 10 or 13)).Select(code => (char)code)]);

    [GeneratedRegex(@"__[A-Za-z]\w*?__", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Dunder();

    [GeneratedRegex(@"\{\{[^}]*(\}[^}]+)*\}\}|\{%[^%]*(%[^}][^%]*)*%\}", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Code();

    [GeneratedRegex(@"\{%[-+]?\s*(import|include|from|extends)\b[^%]{0,40}|\b(os\s*\.\s*(system|popen)|subprocess|popen|importlib)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Loader();

    [GeneratedRegex(@"\\(x5f|u005f|U0000005f|137)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Hidden();

    [GeneratedRegex(@"\|\s*attr\b[^%}]{0,20}|\b(lipsum|cycler|joiner)\b|\b(eval|exec|getattr|compile|globals|open)\s*\(", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Attribute();

    [GeneratedRegex(@"\brange\s*\(\s*(\d+\s*,\s*)?\d{5,}", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex HugeRange();
}
