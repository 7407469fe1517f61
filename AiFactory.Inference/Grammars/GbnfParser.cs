using System.Globalization;
using System.Text;

namespace AiFactory.Inference.Grammars;

/// <summary>Reads GBNF, and says with line and column what it cannot read.</summary>
internal sealed class GbnfParser(string text, GrammarLimits limits)
{
    private const string RootName = "root";

    private readonly Dictionary<string, int> _names = [];
    private int _position;
    private int _elements;
    private string _ruleName = "";

    public GrammarLimits Limits { get; } = limits;

    public List<GrammarRule> Rules { get; } = [];

    public List<CharacterClass> Classes { get; } = [];

    public int Root { get; private set; }

    private char Current => _position < text.Length ? text[_position] : '\0';

    private bool IsAtEnd => _position >= text.Length;

    /// <summary>At most once.</summary>
    /// <exception cref="GrammarException"/>
    public void Read()
    {
        if (text.Length > Limits.MostCharacters)
        {
            throw FaultAt(0, $"the grammar has {text.Length} characters, at most {Limits.MostCharacters} are allowed");
        }

        SkipBlanks(linesToo: true);
        while (!IsAtEnd)
        {
            ReadRule();
        }

        Root = _names.TryGetValue(RootName, out var root) ? root : throw FaultAt(text.Length, "there is no rule 'root', which is what an answer must meet");
    }

    public GrammarException FaultAt(int offset, string fault)
    {
        var before = text.AsSpan(0, Math.Min(offset, text.Length));
        return new GrammarException(fault, before.Count('\n') + 1, before.Length - before.LastIndexOf('\n'));
    }

    /// <summary><c>name ::= alternatives</c>, to the end of the line.</summary>
    private void ReadRule()
    {
        var offset = _position;
        var name = ReadName();
        SkipBlanks(linesToo: false);
        if (!text.AsSpan(_position).StartsWith("::=", StringComparison.Ordinal))
        {
            throw Fault($"'::=' is expected behind the name '{name}'");
        }

        _position += 3;
        _ruleName = name;
        var rule = Rules[Find(name, offset)];
        if (rule.IsDefined)
        {
            throw FaultAt(offset, $"the rule '{name}' is defined twice");
        }

        rule.IsDefined = true;
        SkipBlanks(linesToo: true);
        ReadAlternatives(rule, nesting: 0);
        if (!IsAtEnd && Current is not ('\r' or '\n'))
        {
            throw Fault(Current == ')' ? "')' closes nothing" : $"'{Character()}' is not expected: a rule ends with its line");
        }

        SkipBlanks(linesToo: true);
    }

    private void ReadAlternatives(GrammarRule rule, int nesting)
    {
        while (true)
        {
            var alternative = new List<GrammarElement>();
            rule.Alternatives.Add(alternative);
            ReadSequence(alternative, nesting);
            Count(1);
            if (Current != '|')
            {
                return;
            }

            _position++;
            SkipBlanks(linesToo: true);
        }
    }

    private void ReadSequence(List<GrammarElement> sequence, int nesting)
    {
        // Where the last thing begins that a repetition would repeat.
        var last = 0;
        while (!IsAtEnd)
        {
            switch (Current)
            {
                case '"':
                    last = sequence.Count;
                    ReadLiteral(sequence);
                    break;
                case '[':
                    last = sequence.Count;
                    AddClass(sequence, ReadClass());
                    break;
                case '.':
                    last = sequence.Count;
                    _position++;
                    AddClass(sequence, CharacterClass.Any);
                    break;
                case '(':
                    last = sequence.Count;
                    Add(sequence, new GrammarElement(GrammarElementKind.Rule, ReadGroup(nesting + 1)));
                    break;
                case '*' or '+' or '?' or '{':
                    ReadRepetition(sequence, last);
                    break;
                case '<' or '!':
                    throw Fault("tokens in angle brackets are not supported: write the token's text");
                case var character when IsOfName(character):
                    last = sequence.Count;
                    var offset = _position;
                    Add(sequence, new GrammarElement(GrammarElementKind.Rule, Find(ReadName(), offset)));
                    break;
                default:
                    return;
            }

            SkipBlanks(linesToo: nesting > 0);
        }
    }

    /// <summary>A text in quotation marks.</summary>
    private void ReadLiteral(List<GrammarElement> sequence)
    {
        var begin = _position++;
        while (Current != '"' || IsAtEnd)
        {
            AddClass(sequence, CharacterClass.Of(ReadCharacter(begin, "the text that begins here has no end")));
        }

        _position++;
    }

    /// <summary><c>[a-z0-9_]</c> or <c>[^"]</c>.</summary>
    private CharacterClass ReadClass()
    {
        const string NoEnd = "the class of characters that begins here has no end";
        var begin = _position++;
        var isNegated = Current == '^';
        _position += isNegated ? 1 : 0;
        var ranges = new List<(int From, int To)>();
        while (Current != ']' || IsAtEnd)
        {
            var offset = _position;
            var (from, to) = (ReadCharacter(begin, NoEnd), 0);
            if (Current == '-' && _position + 1 < text.Length && text[_position + 1] != ']')
            {
                _position++;
                to = ReadCharacter(begin, NoEnd);
                if (to < from)
                {
                    throw FaultAt(offset, "the range of characters goes backwards");
                }
            }
            else
            {
                to = from;
            }

            ranges.Add((from, to));
            Count(1);
        }

        _position++;
        return CharacterClass.Of(ranges, isNegated);
    }

    /// <returns>The rule that stands for the group.</returns>
    private int ReadGroup(int nesting)
    {
        var begin = _position++;
        if (nesting > Limits.MostNesting)
        {
            throw FaultAt(begin, $"more than {Limits.MostNesting} parentheses are open");
        }

        var rule = AddRule(begin);
        SkipBlanks(linesToo: true);
        ReadAlternatives(Rules[rule], nesting);
        if (Current != ')')
        {
            throw IsAtEnd ? FaultAt(begin, "the parenthesis that opens here is not closed") : Fault($"'{Character()}' is not expected: the group ends with ')'");
        }

        _position++;
        return rule;
    }

    private void ReadRepetition(List<GrammarElement> sequence, int last)
    {
        var offset = _position;
        var (least, most) = Current switch
        {
            '*' => (0, GrammarElement.Unbounded),
            '+' => (1, GrammarElement.Unbounded),
            '?' => (0, 1),
            _ => ReadTimes(),
        };
        _position++;
        if (last == sequence.Count)
        {
            throw FaultAt(offset, "there is nothing to repeat");
        }

        if (most < least)
        {
            throw FaultAt(offset, "the most times are fewer than the least");
        }

        var repeated = sequence[last..];
        sequence.RemoveRange(last, repeated.Count);
        if (repeated is not [{ Kind: GrammarElementKind.Rule, Value: var rule }])
        {
            rule = AddRule(offset);
            Rules[rule].Alternatives.Add(repeated);
            Count(1);
        }

        Add(sequence, new GrammarElement(GrammarElementKind.Repeat, rule, least, most));
    }

    /// <summary><c>{2}</c>, <c>{2,}</c> or <c>{2,5}</c>, up to its last brace.</summary>
    private (int Least, int Most) ReadTimes()
    {
        _position++;
        SkipBlanks(linesToo: false);
        var least = ReadNumber();
        SkipBlanks(linesToo: false);
        var most = least;
        if (Current == ',')
        {
            _position++;
            SkipBlanks(linesToo: false);
            most = char.IsAsciiDigit(Current) ? ReadNumber() : GrammarElement.Unbounded;
            SkipBlanks(linesToo: false);
        }

        return Current == '}' ? (least, most) : throw Fault("'}' is expected");
    }

    private int ReadNumber()
    {
        var begin = _position;
        while (char.IsAsciiDigit(Current))
        {
            _position++;
        }

        return begin == _position ? throw Fault("a number is expected")
            : int.TryParse(text.AsSpan(begin, _position - begin), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= Limits.MostRepetitions ? number
            : throw FaultAt(begin, $"a repetition has at most {Limits.MostRepetitions} times");
    }

    private string ReadName()
    {
        var begin = _position;
        while (IsOfName(Current))
        {
            _position++;
        }

        return begin == _position ? throw Fault("the name of a rule is expected: letters, digits, - and _") : text[begin.._position];
    }

    /// <summary>One character of a text or a class, escaped or not: <c>a \n \" \x41 \u00e4 \U0001F600</c>.</summary>
    private int ReadCharacter(int begin, string noEnd)
    {
        if (IsAtEnd)
        {
            throw FaultAt(begin, noEnd);
        }

        if (Current != '\\')
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(_position), out var rune, out var length) != System.Buffers.OperationStatus.Done)
            {
                throw Fault("half of a surrogate pair is no character");
            }

            _position += length;
            return rune.Value;
        }

        var offset = _position++;
        var escape = Current;
        _position++;
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
        if (_position + digits > text.Length
            || !int.TryParse(text.AsSpan(_position, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            throw FaultAt(offset, $"{digits} hexadecimal digits are expected");
        }

        _position += digits;
        return Rune.IsValid(value) ? value : throw FaultAt(offset, "the escape is no Unicode character");
    }

    /// <summary>Blanks, comments, and with <paramref name="linesToo"/> line ends.</summary>
    private void SkipBlanks(bool linesToo)
    {
        while (!IsAtEnd)
        {
            if (Current == '#')
            {
                while (!IsAtEnd && Current is not ('\r' or '\n'))
                {
                    _position++;
                }
            }
            else if (Current is ' ' or '\t' || (linesToo && Current is '\r' or '\n'))
            {
                _position++;
            }
            else
            {
                return;
            }
        }
    }

    private int Find(string name, int offset)
    {
        if (!_names.TryGetValue(name, out var rule))
        {
            _names[name] = rule = Rules.Count;
            Rules.Add(new GrammarRule(name, offset));
            CheckRules(offset);
        }

        return rule;
    }

    /// <summary>A rule that the text gives no name.</summary>
    private int AddRule(int offset)
    {
        Rules.Add(new GrammarRule(_ruleName, offset) { IsDefined = true });
        CheckRules(offset);
        return Rules.Count - 1;
    }

    private void CheckRules(int offset)
    {
        if (Rules.Count > Limits.MostRules)
        {
            throw FaultAt(offset, $"the grammar has more than {Limits.MostRules} rules, groups among them");
        }
    }

    private void AddClass(List<GrammarElement> sequence, CharacterClass characters)
    {
        Add(sequence, new GrammarElement(GrammarElementKind.Class, Classes.Count));
        Classes.Add(characters);
    }

    private void Add(List<GrammarElement> sequence, GrammarElement element)
    {
        sequence.Add(element);
        Count(1);
    }

    private void Count(int elements)
    {
        _elements += elements;
        if (_elements > Limits.MostElements)
        {
            throw Fault($"the grammar has more than {Limits.MostElements} characters, classes and names");
        }
    }

    private GrammarException Fault(string fault) => FaultAt(_position, fault);

    private string Character() => Rune.TryGetRuneAt(text, _position, out var rune) ? rune.ToString() : "\uFFFD";

    private static bool IsOfName(char character) => char.IsAsciiLetterOrDigit(character) || character is '-' or '_';
}
