using System.Globalization;
using System.Text;

namespace AiFactory.Inference.Grammars;

/// <summary>The text of a grammar, from its first character to its last: names, numbers, characters and their escapes, blanks, and where a fault is.</summary>
internal sealed class GbnfReader(string text)
{
    public int Position { get; set; }

    public char Current => Position < text.Length ? text[Position] : '\0';

    public bool IsAtEnd => Position >= text.Length;

    public GrammarException FaultAt(int offset, string fault)
    {
        var before = text.AsSpan(0, Math.Min(offset, text.Length));
        return new GrammarException(fault, before.Count('\n') + 1, before.Length - before.LastIndexOf('\n'));
    }

    /// <param name="most">The largest that a repetition may have.</param>
    public int ReadNumber(int most)
    {
        var begin = Position;
        while (char.IsAsciiDigit(Current))
        {
            Position++;
        }

        return begin == Position ? throw Fault("a number is expected")
            : int.TryParse(text.AsSpan(begin, Position - begin), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most ? number
            : throw FaultAt(begin, $"a repetition has at most {most} times");
    }

    public string ReadName()
    {
        var begin = Position;
        while (IsOfName(Current))
        {
            Position++;
        }

        return begin == Position ? throw Fault("the name of a rule is expected: letters, digits, - and _") : text[begin..Position];
    }

    /// <summary>One character of a text or a class, escaped or not: <c>a \n \" \x41 \u00e4 \U0001F600</c>.</summary>
    public int ReadCharacter(int begin, string noEnd)
    {
        if (IsAtEnd)
        {
            throw FaultAt(begin, noEnd);
        }

        if (Current != '\\')
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(Position), out var rune, out var length) != System.Buffers.OperationStatus.Done)
            {
                throw Fault("half of a surrogate pair is no character");
            }

            Position += length;
            return rune.Value;
        }

        var offset = Position++;
        var escape = Current;
        Position++;
        return escape switch
        {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '\\' or '"' or '[' or ']' or '-' => escape,
            'x' => ReadHex(offset, 2),
            'u' => ReadHex(offset, 4),
            'U' => ReadHex(offset, 8),
            _ => throw FaultAt(offset, "no such escape: there are \\n \\r \\t \\\\ \\\" \\[ \\] \\- \\x41 \\u0041 \\U00000041"),
        };
    }

    private int ReadHex(int offset, int digits)
    {
        if (Position + digits > text.Length
            || !int.TryParse(text.AsSpan(Position, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            throw FaultAt(offset, $"{digits} hexadecimal digits are expected");
        }

        Position += digits;
        return Rune.IsValid(value) ? value : throw FaultAt(offset, "the escape is no Unicode character");
    }

    /// <summary>Blanks, comments, and with <paramref name="linesToo"/> line ends.</summary>
    public void SkipBlanks(bool linesToo)
    {
        while (!IsAtEnd)
        {
            if (Current == '#')
            {
                while (!IsAtEnd && Current is not ('\r' or '\n'))
                {
                    Position++;
                }
            }
            else if (Current is ' ' or '\t' || (linesToo && Current is '\r' or '\n'))
            {
                Position++;
            }
            else
            {
                return;
            }
        }
    }

    public GrammarException Fault(string fault) => FaultAt(Position, fault);

    public string Character() => Rune.TryGetRuneAt(text, Position, out var rune) ? rune.ToString() : "\uFFFD";

    public static bool IsOfName(char character) => char.IsAsciiLetterOrDigit(character) || character is '-' or '_';

    public bool IsAt(string what) => text.AsSpan(Position).StartsWith(what, StringComparison.Ordinal);
}
