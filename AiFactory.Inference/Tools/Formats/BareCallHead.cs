using System.Text;

namespace AiFactory.Inference.Tools.Formats;

/// <summary>
/// Whether an object without a mark is a call: up to its first comma it names one of the functions, in the spacing that calls are held to. Else it is an answer in JSON:
/// <code>
/// {"name": "get_weather", "parameters": {"city": "Oslo"}}
/// {"name": "Ada", "born": 1815}
/// </code>
/// </summary>
internal sealed class BareCallHead(string nameKey, IReadOnlyList<ToolFunction> functions)
{
    private const int Longest = 200;

    private readonly StringBuilder _head = new();

    /// <summary>Null when it cannot be told yet.</summary>
    public bool? IsCall { get; private set; }

    public void Accept(char character)
    {
        _head.Append(character);
        if (character is ',' or '}')
        {
            var head = _head.ToString();
            IsCall = character == ',' && functions.Any(function => Matches(head, function.Name));
        }
        else if (_head.Length > Longest)
        {
            IsCall = false;
        }
    }

    private bool Matches(string head, string name)
    {
        var rest = head.AsSpan();
        return Take(ref rest, "{") && Blank(ref rest) && Take(ref rest, $"\"{nameKey}\":") && Blank(ref rest) && Take(ref rest, $"\"{name}\"") && Blank(ref rest) && rest is ",";
    }

    private static bool Take(ref ReadOnlySpan<char> rest, string text)
    {
        var isNext = rest.StartsWith(text, StringComparison.Ordinal);
        rest = isNext ? rest[text.Length..] : rest;
        return isNext;
    }

    /// <summary>As the grammar's <c>ws</c>: nothing, a space, or a line break and up to 20 more.</summary>
    private static bool Blank(ref ReadOnlySpan<char> rest)
    {
        if (rest is [' ', ..])
        {
            rest = rest[1..];
        }
        else if (rest is ['\n', ..])
        {
            var line = rest[1..];
            var indented = line.TrimStart(" \t");
            rest = line.Length - indented.Length <= 20 ? indented : rest;
        }

        return true;
    }
}
