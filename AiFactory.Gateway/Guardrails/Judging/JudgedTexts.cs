using System.Text;
using System.Text.Json;
using AiFactory.Gateway.Guardrails.Texts;
using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.Guardrails.Judging;

/// <summary>Windows of texts on their way to judges, and what one rule's judge has found out about them that another rule's can use.</summary>
/// <param name="ofUsers">How many, from the first on, are not of the application's author; null for all.</param>
internal sealed class JudgedTexts(IReadOnlyList<string> windows, int? ofUsers = null)
{
    /// <summary>JSON within JSON, as <see cref="RequestTexts"/> has it.</summary>
    private const int Deepest = 4;

    /// <summary>What the application's author writes beside messages.</summary>
    private static readonly HashSet<string> OfTheAuthor = new(StringComparer.Ordinal) { "tools", "functions", "tool_choice", "instructions", "response_format" };

    private JudgedTexts? _ofUsers;

    public IReadOnlyList<string> Windows => windows;

    /// <summary>Without those of the application's author.</summary>
    public JudgedTexts OfUsers => ofUsers is not { } users || users == windows.Count ? this : _ofUsers ??= Slice(0, users);

    /// <summary>By the deployment that made them.</summary>
    public Dictionary<Deployment, JudgedVectors> Vectors { get; } = [];

    /// <summary>Some of the windows, with what is known of them.</summary>
    public JudgedTexts Slice(int from, int to)
    {
        var slice = new JudgedTexts([.. windows.Skip(from).Take(to - from)]);
        foreach (var (judge, known) in Vectors)
        {
            // A judge for which windows were too long has more vectors than there are windows.
            if (known.Vectors.Length == windows.Count)
            {
                slice.Vectors[judge] = known with { Vectors = known.Vectors[from..to] };
            }
        }

        return slice;
    }

    /// <summary>
    /// Of a request, its users' first: each message, or element of another list, is one text. It is read as rules of patterns read it: its parts put together with nothing between them and, where two words meet, with a
    /// space, as servers differ; and as it stands and folded (<see cref="TextFold"/>). What another way to read it adds is judged too.
    /// </summary>
    /// <param name="all">Whether those of the application's author are wanted too.</param>
    /// <param name="most">No more than one more than these is looked for.</param>
    public static RequestWindows OfRequest(ReadOnlyMemory<byte> json, JsonTexts texts, bool all, int most)
    {
        var places = texts.Places.Where(place => place.Kind != TextKind.Number).ToLookup(place => texts.HasAuthor && (place.Trusted || OfTheAuthor.Contains(place.Root)));
        var users = Windows(isAuthor: false).Take(most + 1).ToList();
        return new RequestWindows(all ? [.. users, .. Windows(isAuthor: true).Take(most + 1 - users.Count)] : users, users.Count);

        IEnumerable<string> Windows(bool isAuthor) => places[isAuthor].GroupBy(place => (place.Root, place.Element)).SelectMany(element => WindowsOf(json, element));
    }

    /// <summary>Of an answer: each text by itself, as they come in streams.</summary>
    public static IEnumerable<string> OfAnswer(ReadOnlyMemory<byte> json, JsonTexts texts) => texts.Places.SelectMany(place => TextWindows.Of(TextOf(json, place)));

    private static IEnumerable<string> WindowsOf(ReadOnlyMemory<byte> json, IEnumerable<TextPlace> element)
    {
        var (isFirst, seen) = (true, new HashSet<string>(StringComparer.Ordinal));
        foreach (var text in ReadingsOf(json, element).Distinct(StringComparer.Ordinal))
        {
            foreach (var window in TextWindows.Of(text))
            {
                if (seen.Add(window) || isFirst)
                {
                    yield return window;
                }
            }

            isFirst = false;
        }
    }

    private static IEnumerable<string> ReadingsOf(ReadOnlyMemory<byte> json, IEnumerable<TextPlace> element)
    {
        // 1. What stands by itself is a line; what a server puts together has one group.
        string[][] lines = [.. element.GroupBy(place => place.Group == 0 ? -1 - place.At : place.Group).Select(parts => parts.Select(place => ReadableOf(json, place, depth: 0)).ToArray())];
        var together = string.Join('\n', lines.Select(parts => string.Concat(parts)));
        var spaced = Array.TrueForAll(lines, parts => parts.Length == 1) ? together : string.Join('\n', lines.Select(Spaced));

        // 2. As it stands, and as its reader gets it.
        return [.. Folds(together), .. Folds(spaced)];
    }

    private static string Spaced(string[] parts)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            text.Append(text.Length > 0 && part.Length > 0 && char.IsLetterOrDigit(text[^1]) && char.IsLetterOrDigit(part[0]) ? " " : "").Append(part);
        }

        return text.ToString();
    }

    private static string[] Folds(string text)
    {
        if (!TextFold.Changes(text))
        {
            return [text];
        }

        var (folded, places) = (new char[text.Length], new int[text.Length]);
        var length = TextFold.Fold(text, folded, places, at: 0);

        // Spaces and hyphens of other kinds are in many a text, and change nothing of what it is about.
        var isSlight = length == text.Length;
        for (var i = 0; isSlight && i < length; i++)
        {
            isSlight = folded[i] == text[i] || folded[i] is ' ' or '-';
        }

        var read = new string(folded, 0, length);
        return isSlight ? [read] : [text, read];
    }

    /// <summary>Of JSON, as the arguments of a call are, what who parses it reads; else as it stands.</summary>
    private static string ReadableOf(ReadOnlyMemory<byte> json, TextPlace place, int depth)
    {
        var text = TextOf(json, place);
        if (place.Kind != TextKind.Json || depth == Deepest || !text.Contains('\\'))
        {
            return text;
        }

        try
        {
            var inner = Encoding.UTF8.GetBytes(text);
            return string.Join('\n', JsonTexts.Read(inner, TextShape.Arguments).Places.Select(within => ReadableOf(inner, within, depth + 1)));
        }
        catch (JsonException none) when (none is not TooManyTextsException)
        {
            return text;
        }
    }

    private static string TextOf(ReadOnlyMemory<byte> json, TextPlace place)
    {
        var raw = place.Raw(json.Span);
        var text = new char[raw.Length];
        return new string(text, 0, JsonText.Decode(raw, text));
    }
}
