using System.Globalization;
using System.Text;
using AiFactory.Inference.Grammars;

namespace AiFactory.Inference.Schemas;

/// <summary>
/// Turns the part of regular expressions that is regular (ECMA-262, as JSON schema has them, with the flag u) into GBNF: characters, classes, groups, alternatives, repetitions, and
/// <c>^</c> and <c>$</c> at the ends of an alternative. No looking around, no references to groups.
/// </summary>
internal sealed class PatternGrammar
{
    private const int MostNesting = 50;
    private const int MostRepetitions = 100_000;

    private readonly string _pattern;
    private readonly string _path;
    private readonly bool _isInJson;
    private readonly bool _isWhole;
    private int _position;

    private PatternGrammar(string pattern, string path, bool isInJson, bool isWhole)
    {
        _pattern = pattern;
        _path = path;
        _isInJson = isInJson;
        _isWhole = isWhole;
    }

    private char Current => _position < _pattern.Length ? _pattern[_position] : '\0';

    private bool IsAtEnd => _position >= _pattern.Length;

    /// <param name="isInJson">Whether the characters are written as in a JSON text; else as they are.</param>
    /// <param name="isWhole">Whether all of the text meets it; else a part of the text is enough.</param>
    /// <exception cref="SchemaException"/>
    public static PatternText Read(string pattern, string path, bool isInJson, bool isWhole)
    {
        var reader = new PatternGrammar(pattern, path, isInJson, isWhole);
        var read = reader.ReadAlternatives(0);
        return reader.IsAtEnd ? read : throw reader.Fault("')' closes nothing");
    }

    private PatternText ReadAlternatives(int nesting)
    {
        var (written, least, most) = (new StringBuilder(), long.MaxValue, 0L);
        while (true)
        {
            var alternative = ReadSequence(nesting);
            written.Append(written.Length > 0 ? " | " : "").Append(alternative.Gbnf);
            (least, most) = (Math.Min(least, alternative.Least), Math.Max(most, alternative.Most));
            if (Current != '|' || IsAtEnd)
            {
                return new PatternText(written.ToString(), least, most);
            }

            _position++;
        }
    }

    private PatternText ReadSequence(int nesting)
    {
        var (written, least, most) = (new StringBuilder(), 0L, 0L);
        var (isBegin, isEnd) = (_isWhole || nesting > 0, _isWhole || nesting > 0);
        if (Current == '^' && nesting == 0)
        {
            isBegin = true;
            _position++;
        }

        while (!IsAtEnd && Current is not ('|' or ')'))
        {
            if (Current == '$' && nesting == 0 && (_position + 1 == _pattern.Length || _pattern[_position + 1] == '|'))
            {
                isEnd = true;
                _position++;
                break;
            }

            var item = ReadRepetition(ReadItem(nesting));
            written.Append(item.Gbnf).Append(' ');
            (least, most) = (Add(least, item.Least), Add(most, item.Most));
        }

        // What is not said to be the text's beginning or end may have anything before it or behind it.
        var any = _isInJson ? "char*" : ".*";
        return new PatternText($"{(isBegin ? "" : any)} {(written.Length == 0 ? "\"\"" : written)}{(isEnd ? "" : any)}", least, isBegin && isEnd ? most : long.MaxValue);
    }

    private PatternText ReadItem(int nesting)
    {
        switch (Current)
        {
            case '(':
                return ReadGroup(nesting + 1);
            case '[':
                return One(ReadClass());
            case '.':
                _position++;
                return One(CharacterClass.Of([('\n', '\n'), ('\r', '\r'), (0x2028, 0x2029)], isNegated: true));
            case '\\':
                return One(ReadEscape());
            case '^' or '$':
                throw Fault($"'{Current}' is only understood at the ends of the pattern, or of its alternatives");
            case '*' or '+' or '?' or '{':
                throw Fault("there is nothing to repeat");
            default:
                return One(CharacterClass.Of(ReadRune()));
        }
    }

    private PatternText ReadGroup(int nesting)
    {
        if (nesting > MostNesting)
        {
            throw Fault($"more than {MostNesting} groups are open");
        }

        _position++;
        if (Current == '?')
        {
            var rest = _pattern.AsSpan(_position);
            _position += rest.StartsWith("?:", StringComparison.Ordinal) ? 2
                : rest.StartsWith("?<", StringComparison.Ordinal) && rest.Length > 2 && rest[2] is not ('=' or '!') && rest.IndexOf('>') is > 0 and var end ? end + 1
                : throw Fault("looking ahead or behind cannot be held to");
        }

        var read = ReadAlternatives(nesting);
        if (Current != ')' || IsAtEnd)
        {
            throw Fault("the group is not closed");
        }

        _position++;
        return read with { Gbnf = $"({read.Gbnf})" };
    }

    private PatternText ReadRepetition(PatternText item)
    {
        if (IsAtEnd || Current is not ('*' or '+' or '?' or '{'))
        {
            return item;
        }

        var (least, most) = Current switch { '*' => (0, (int?)null), '+' => (1, null), '?' => (0, 1), _ => ReadTimes() };
        _position++;

        // Which of its matches an expression prefers does not change what it allows.
        _position += Current == '?' && !IsAtEnd ? 1 : 0;
        if (!IsAtEnd && Current is '*' or '+' or '?' or '{')
        {
            throw Fault("a repetition is repeated");
        }

        return new PatternText(
            $"({item.Gbnf}){{{least},{most}}}",
            Multiply(item.Least, least),
            most is { } times ? Multiply(item.Most, times) : item.Most == 0 ? 0 : long.MaxValue);
    }

    private (int Least, int? Most) ReadTimes()
    {
        _position++;
        var least = ReadNumber();
        int? most = least;
        if (Current == ',')
        {
            _position++;
            most = char.IsAsciiDigit(Current) ? ReadNumber() : null;
        }

        return Current == '}' && (most is null || most >= least) ? (least, most) : throw Fault("a number of times is like {2}, {2,} or {2,5}");
    }

    private int ReadNumber()
    {
        var begin = _position;
        while (char.IsAsciiDigit(Current))
        {
            _position++;
        }

        return int.TryParse(_pattern.AsSpan(begin, _position - begin), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= MostRepetitions
            ? number
            : throw Fault($"a number of times is a number up to {MostRepetitions}");
    }

    private CharacterClass ReadClass()
    {
        _position++;
        var isNegated = Current == '^';
        _position += isNegated ? 1 : 0;
        var ranges = new List<(int From, int To)>();
        while (Current != ']' || IsAtEnd)
        {
            if (IsAtEnd)
            {
                throw Fault("the class of characters is not closed");
            }

            var from = ReadOfClass();
            if (Current == '-' && _position + 1 < _pattern.Length && _pattern[_position + 1] != ']' && from.Ranges is [var (first, only)] && first == only)
            {
                _position++;
                ranges.Add(ReadOfClass().Ranges is [var (last, same)] && last == same && last >= first ? (first, last) : throw Fault("the range of characters goes backwards, or ends in a class"));
            }
            else
            {
                ranges.AddRange(from.Ranges);
            }
        }

        _position++;
        return CharacterClass.Of(ranges, isNegated);
    }

    private CharacterClass ReadOfClass() => IsAtEnd ? throw Fault("the class of characters is not closed")
        : Current != '\\' ? CharacterClass.Of(ReadRune())
        : _position + 1 < _pattern.Length && _pattern[_position + 1] == 'b' ? Skip(2, CharacterClass.Of('\b'))
        : ReadEscape();

    private CharacterClass ReadEscape()
    {
        _position++;
        var escape = Current;
        if (IsAtEnd)
        {
            throw Fault("the pattern ends with a backslash");
        }

        _position++;
        return escape switch
        {
            'd' or 'D' => CharacterClass.Of([('0', '9')], escape == 'D'),
            'w' or 'W' => CharacterClass.Of([('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')], escape == 'W'),
            's' or 'S' => CharacterClass.Of([('\t', '\r'), (' ', ' '), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)], escape == 'S'),
            'n' => CharacterClass.Of('\n'),
            'r' => CharacterClass.Of('\r'),
            't' => CharacterClass.Of('\t'),
            'f' => CharacterClass.Of('\f'),
            'v' => CharacterClass.Of('\v'),
            '0' when !char.IsAsciiDigit(Current) => CharacterClass.Of(0),
            'x' => CharacterClass.Of(ReadHex(2)),
            'u' => CharacterClass.Of(ReadHex(4)),
            _ when !char.IsAsciiLetterOrDigit(escape) && escape < 0x80 => CharacterClass.Of(escape),
            _ => throw Fault($"the escape \\{escape} cannot be held to"),
        };
    }

    private int ReadHex(int digits)
    {
        if (_position + digits > _pattern.Length
            || !int.TryParse(_pattern.AsSpan(_position, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) || !Rune.IsValid(value))
        {
            throw Fault($"{digits} hexadecimal digits of a character are expected");
        }

        _position += digits;
        return value;
    }

    private int ReadRune()
    {
        if (!Rune.TryGetRuneAt(_pattern, _position, out var rune))
        {
            throw Fault("half of a surrogate pair is no character");
        }

        _position += rune.Utf16SequenceLength;
        return rune.Value;
    }

    private CharacterClass Skip(int length, CharacterClass characters)
    {
        _position += length;
        return characters;
    }

    /// <summary>One character, as a JSON text has it: what it must escape is written escaped.</summary>
    private PatternText One(CharacterClass characters)
    {
        if (!_isInJson)
        {
            return new PatternText(GbnfText.Class(characters), 1, 1);
        }

        var plain = characters.Without(CharacterClass.Of([('\0', '\x1F'), ('"', '"'), ('\\', '\\'), (0x7F, 0x7F)], isNegated: false));
        var alternatives = new List<string>();
        if (!plain.IsEmpty)
        {
            alternatives.Add(GbnfText.Class(plain));
        }

        foreach (var (character, written) in (ReadOnlySpan<(char, string)>)[('"', "\\\""), ('\\', "\\\\"), ('\n', "\\n"), ('\r', "\\r"), ('\t', "\\t"), ('\b', "\\b"), ('\f', "\\f"), ('\v', "\\u000b")])
        {
            if (characters.Contains(character))
            {
                alternatives.Add(GbnfText.Literal(written));
            }
        }

        return new PatternText(alternatives switch { [] => "[]", [var only] => only, _ => $"({string.Join(" | ", alternatives)})" }, 1, 1);
    }

    private static long Add(long left, long right) => left == long.MaxValue || right == long.MaxValue ? long.MaxValue : left + right;

    private static long Multiply(long left, int times) => left == long.MaxValue ? (times == 0 ? 0 : long.MaxValue) : Math.Min(left, long.MaxValue / 200_000) * times;

    private SchemaException Fault(string fault) => new(_path, $"{fault} (character {_position + 1} of the pattern)");
}
