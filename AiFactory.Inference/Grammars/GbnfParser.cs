namespace AiFactory.Inference.Grammars;

/// <summary>Reads GBNF, and says with line and column what it cannot read.</summary>
internal sealed class GbnfParser(string text, GrammarLimits limits)
{
    private const string RootName = "root";

    private readonly GbnfReader _reader = new(text);
    private readonly Dictionary<string, int> _names = [];
    private int _elements;
    private string _ruleName = "";

    public GrammarLimits Limits { get; } = limits;

    public List<GrammarRule> Rules { get; } = [];

    public List<CharacterClass> Classes { get; } = [];

    public int Root { get; private set; }

    /// <summary>At most once.</summary>
    /// <exception cref="GrammarException"/>
    public void Read()
    {
        if (text.Length > Limits.MostCharacters)
        {
            throw FaultAt(0, $"the grammar has {text.Length} characters, at most {Limits.MostCharacters} are allowed");
        }

        _reader.SkipBlanks(linesToo: true);
        while (!_reader.IsAtEnd)
        {
            ReadRule();
        }

        Root = _names.TryGetValue(RootName, out var root) ? root : throw FaultAt(text.Length, "there is no rule 'root', which is what an answer must meet");
    }

    public GrammarException FaultAt(int offset, string fault) => _reader.FaultAt(offset, fault);

    /// <summary><c>name ::= alternatives</c>, to the end of the line.</summary>
    private void ReadRule()
    {
        var offset = _reader.Position;
        var name = _reader.ReadName();
        _reader.SkipBlanks(linesToo: false);
        if (!_reader.IsAt("::="))
        {
            throw _reader.Fault($"'::=' is expected behind the name '{name}'");
        }

        _reader.Position += 3;
        _ruleName = name;
        var rule = Rules[Find(name, offset)];
        if (rule.IsDefined)
        {
            throw FaultAt(offset, $"the rule '{name}' is defined twice");
        }

        rule.IsDefined = true;
        _reader.SkipBlanks(linesToo: true);
        ReadAlternatives(rule, nesting: 0);
        if (!_reader.IsAtEnd && _reader.Current is not ('\r' or '\n'))
        {
            throw _reader.Fault(_reader.Current == ')' ? "')' closes nothing" : $"'{_reader.Character()}' is not expected: a rule ends with its line");
        }

        _reader.SkipBlanks(linesToo: true);
    }

    private void ReadAlternatives(GrammarRule rule, int nesting)
    {
        while (true)
        {
            var alternative = new List<GrammarElement>();
            rule.Alternatives.Add(alternative);
            ReadSequence(alternative, nesting);
            Count(1);
            if (_reader.Current != '|')
            {
                return;
            }

            _reader.Position++;
            _reader.SkipBlanks(linesToo: true);
        }
    }

    private void ReadSequence(List<GrammarElement> sequence, int nesting)
    {
        // Where the last thing begins that a repetition would repeat.
        var last = 0;
        while (!_reader.IsAtEnd)
        {
            switch (_reader.Current)
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
                    _reader.Position++;
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
                    throw _reader.Fault("tokens in angle brackets are not supported: write the token's text");
                case var character when GbnfReader.IsOfName(character):
                    last = sequence.Count;
                    var offset = _reader.Position;
                    Add(sequence, new GrammarElement(GrammarElementKind.Rule, Find(_reader.ReadName(), offset)));
                    break;
                default:
                    return;
            }

            _reader.SkipBlanks(linesToo: nesting > 0);
        }
    }

    /// <summary>A text in quotation marks.</summary>
    private void ReadLiteral(List<GrammarElement> sequence)
    {
        var begin = _reader.Position++;
        while (_reader.Current != '"' || _reader.IsAtEnd)
        {
            AddClass(sequence, CharacterClass.Of(_reader.ReadCharacter(begin, "the text that begins here has no end")));
        }

        _reader.Position++;
    }

    /// <summary><c>[a-z0-9_]</c> or <c>[^"]</c>.</summary>
    private CharacterClass ReadClass()
    {
        const string NoEnd = "the class of characters that begins here has no end";
        var begin = _reader.Position++;
        var isNegated = _reader.Current == '^';
        _reader.Position += isNegated ? 1 : 0;
        var ranges = new List<(int From, int To)>();
        while (_reader.Current != ']' || _reader.IsAtEnd)
        {
            var offset = _reader.Position;
            var (from, to) = (_reader.ReadCharacter(begin, NoEnd), 0);
            if (_reader.Current == '-' && _reader.Position + 1 < text.Length && text[_reader.Position + 1] != ']')
            {
                _reader.Position++;
                to = _reader.ReadCharacter(begin, NoEnd);
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

        _reader.Position++;
        return CharacterClass.Of(ranges, isNegated);
    }

    /// <returns>The rule that stands for the group.</returns>
    private int ReadGroup(int nesting)
    {
        var begin = _reader.Position++;
        if (nesting > Limits.MostNesting)
        {
            throw FaultAt(begin, $"more than {Limits.MostNesting} parentheses are open");
        }

        var rule = AddRule(begin);
        _reader.SkipBlanks(linesToo: true);
        ReadAlternatives(Rules[rule], nesting);
        if (_reader.Current != ')')
        {
            throw _reader.IsAtEnd ? FaultAt(begin, "the parenthesis that opens here is not closed") : _reader.Fault($"'{_reader.Character()}' is not expected: the group ends with ')'");
        }

        _reader.Position++;
        return rule;
    }

    private void ReadRepetition(List<GrammarElement> sequence, int last)
    {
        var offset = _reader.Position;
        var (least, most) = _reader.Current switch
        {
            '*' => (0, GrammarElement.Unbounded),
            '+' => (1, GrammarElement.Unbounded),
            '?' => (0, 1),
            _ => ReadTimes(),
        };
        _reader.Position++;
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
        _reader.Position++;
        _reader.SkipBlanks(linesToo: false);
        var least = _reader.ReadNumber(Limits.MostRepetitions);
        _reader.SkipBlanks(linesToo: false);
        var most = least;
        if (_reader.Current == ',')
        {
            _reader.Position++;
            _reader.SkipBlanks(linesToo: false);
            most = char.IsAsciiDigit(_reader.Current) ? _reader.ReadNumber(Limits.MostRepetitions) : GrammarElement.Unbounded;
            _reader.SkipBlanks(linesToo: false);
        }

        return _reader.Current == '}' ? (least, most) : throw _reader.Fault("'}' is expected");
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
            throw _reader.Fault($"the grammar has more than {Limits.MostElements} characters, classes and names");
        }
    }
}
