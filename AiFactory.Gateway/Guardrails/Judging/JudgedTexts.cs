using AiFactory.Gateway.Guardrails.Texts;
using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.Guardrails.Judging;

/// <summary>Windows of texts on their way to judges, and what one rule's judge has found out about them that another rule's can use.</summary>
internal sealed class JudgedTexts(IReadOnlyList<string> windows)
{
    /// <summary>What the application's author writes, who names topics to forbid them.</summary>
    private static readonly HashSet<string> OfTheAuthor = new(StringComparer.Ordinal) { "tools", "functions", "tool_choice", "instructions", "response_format", "body" };

    public IReadOnlyList<string> Windows => windows;

    /// <summary>By the deployment that made them.</summary>
    public Dictionary<Deployment, JudgedVectors> Vectors { get; } = [];

    /// <summary>Of a request: each message, or element of another list, is one text.</summary>
    public static IEnumerable<string> OfRequest(ReadOnlyMemory<byte> json, JsonTexts texts) =>
        texts.Places
            .Where(place => !place.Trusted && place.Kind != TextKind.Number && !OfTheAuthor.Contains(place.Root))
            .GroupBy(place => (place.Root, place.Element))
            .SelectMany(parts => TextWindows.Of(string.Join('\n', parts.Select(place => TextOf(json, place)))));

    /// <summary>Of an answer: each text by itself, as they come in streams.</summary>
    public static IEnumerable<string> OfAnswer(ReadOnlyMemory<byte> json, JsonTexts texts) => texts.Places.SelectMany(place => TextWindows.Of(TextOf(json, place)));

    private static string TextOf(ReadOnlyMemory<byte> json, TextPlace place)
    {
        var raw = place.Raw(json.Span);
        var text = new char[raw.Length];
        return new string(text, 0, JsonText.Decode(raw, text));
    }
}
