using System.Globalization;
using System.Text.RegularExpressions;

namespace AiFactory.ServiceDefaults.Guardrails;

/// <summary>
/// Reads the regular expressions that .NET's NonBacktracking mode takes (https://learn.microsoft.com/dotnet/standard/base-types/regular-expression-language-quick-reference). The
/// expression was compiled before, so that here only its shape is read, and no fault of it is looked for.
/// </summary>
/// <param name="endsExactly">Whether <c>$</c> is the text's end alone, as in ECMAScript: https://262.ecma-international.org/#sec-compileassertion.</param>
internal ref struct PatternParser(ReadOnlySpan<char> text, bool endsExactly = false)
{
    private const int Deepest = 50;

    private readonly ReadOnlySpan<char> _text = text;
    private int _at;
    private int _depth;

    /// <summary>Those that hold where it reads: some of <c>ims</c>.</summary>
    private string _options = "";

    /// <exception cref="FormatException">It has what cannot be followed; the message says what, and the way out.</exception>
    public PatternNode Read(bool ignoreCase)
    {
        _options = ignoreCase ? "i" : "";
        if (Options() is { } all && Next == ')')
        {
            _at++;
            _options = Combine(_options, all);
        }
        else
        {
            _at = 0;
        }

        return Choice();
    }

    private readonly char Next => _at < _text.Length ? _text[_at] : '\0';

    private readonly bool IsOver => _at >= _text.Length;

    private PatternNode Choice()
    {
        if (++_depth > Deepest)
        {
            throw new FormatException($"Its groups lie in each other more than {Deepest} deep.");
        }

        var ways = new List<PatternNode> { Sequence() };
        while (Next == '|' && !IsOver)
        {
            _at++;
            ways.Add(Sequence());
        }

        _depth--;
        return ways.Count == 1 ? ways[0] : new PatternNode.Choice(ways);
    }

    private PatternNode Sequence()
    {
        var parts = new List<PatternNode>();
        while (!IsOver && Next is not ('|' or ')'))
        {
            if (One() is { } part)
            {
                parts.Add(Repeated(part));
            }
        }

        return parts.Count == 1 ? parts[0] : new PatternNode.Sequence(parts);
    }

    private PatternNode? One()
    {
        switch (Next)
        {
            case '(':
                return Group();
            case '[':
                var from = _at;
                Class();
                return new PatternNode.Character(_text[from.._at].ToString(), _options);
            case '\\':
                return Escape();
            case '^':
                _at++;
                return new PatternNode.Condition(_options.Contains('m') ? PatternCondition.LineStart : PatternCondition.TextStart);
            case '$':
                _at++;
                return new PatternNode.Condition(_options.Contains('m') ? PatternCondition.LineEnd : endsExactly ? PatternCondition.TextEnd : PatternCondition.LastLineEnd);
            case '.':
                _at++;
                return new PatternNode.Character(".", _options);
            default:
                _at++;
                return new PatternNode.Character(Regex.Escape(_text[_at - 1].ToString()), _options);
        }
    }

    private PatternNode? Group()
    {
        _at++;
        var outer = _options;
        if (Next == '?')
        {
            switch (_text[_at + 1])
            {
                case '#':
                    _at--;
                    SkipComments();
                    return null;
                case '<' or '\'':
                    _at += _text[(_at + 2)..].IndexOfAny('>', '\'') + 3;
                    break;
                default:
                    _at--;
                    var options = Options() ?? "";
                    if (Next != ':')
                    {
                        throw new FormatException($"Options stand at its very beginning, as '(?{options})', or with the group that they are for, as '(?{options}:...)'.");
                    }

                    _at++;
                    _options = Combine(outer, options);
                    break;
            }
        }

        var inner = Choice();
        _at++;
        _options = outer;
        return inner;
    }

    /// <summary>Of options that hold, and some that are put on (<c>i</c>) or off (<c>-i</c>).</summary>
    private static string Combine(string held, string said)
    {
        var off = said.IndexOf('-', StringComparison.Ordinal);
        var (on, without) = off < 0 ? (said, "") : (said[..off], said[(off + 1)..]);
        return string.Concat("ims".Where(option => !without.Contains(option, StringComparison.OrdinalIgnoreCase) && (held.Contains(option) || on.Contains(option, StringComparison.OrdinalIgnoreCase))));
    }

    /// <summary>Those of <c>(?i-s</c>; null where none are.</summary>
    private string? Options()
    {
        if (!_text[_at..].StartsWith("(?"))
        {
            return null;
        }

        var from = _at += 2;
        while (char.IsAsciiLetter(Next) || Next is '-' or '+')
        {
            _at++;
        }

        var options = _text[from.._at].ToString();
        return options.Contains('x', StringComparison.OrdinalIgnoreCase)
            ? throw new FormatException("The option 'x', by which white space counts for nothing, is not taken: write the expression without it.")
            : options;
    }

    /// <summary>To behind its last bracket.</summary>
    private void Class()
    {
        _at += _text[(_at + 1)..].StartsWith("^") ? 2 : 1;
        for (var first = true; !IsOver && (Next != ']' || first); first = false)
        {
            if (Next == '\\')
            {
                _at += _text[(_at + 1)..].StartsWith("c") ? 3 : 2;
            }
            else if (!first && _text[_at..].StartsWith("-["))
            {
                _at++;
                Class();
            }
            else
            {
                _at++;
            }
        }

        _at++;
    }

    private PatternNode Escape()
    {
        var from = _at;
        var kind = _text[from + 1];
        _at += 2;
        switch (kind)
        {
            case 'b':
                return new PatternNode.Condition(PatternCondition.WordEdge);
            case 'B':
                return new PatternNode.Condition(PatternCondition.NoWordEdge);
            case 'A':
                return new PatternNode.Condition(PatternCondition.TextStart);
            case 'z':
                return new PatternNode.Condition(PatternCondition.TextEnd);
            case 'Z':
                return new PatternNode.Condition(PatternCondition.LastLineEnd);
            case 'p' or 'P':
                _at += _text[_at..].IndexOf('}') + 1;
                break;
            case 'x':
                _at += 2;
                break;
            case 'u':
                _at += 4;
                break;
            case 'c':
                _at++;
                break;
            case >= '0' and <= '9':
                while (_at < from + 4 && Next is >= '0' and <= '7')
                {
                    _at++;
                }

                break;
        }

        return new PatternNode.Character(_text[from.._at].ToString(), _options);
    }

    private PatternNode Repeated(PatternNode part)
    {
        // a(?#why)* is a*, as .NET has it.
        SkipComments();
        var (least, most) = (1, (int?)1);
        switch (Next)
        {
            case '?' when !IsOver:
                (least, most) = (0, 1);
                _at++;
                break;
            case '*':
                (least, most) = (0, null);
                _at++;
                break;
            case '+':
                (least, most) = (1, null);
                _at++;
                break;
            case '{' when Counts(out least, out most, out var length):
                _at += length;
                break;
            default:
                return part;
        }

        // As few as possible, or as many: which, makes no difference to where a match may begin or how long it may be.
        SkipComments();
        _at += Next == '?' ? 1 : 0;
        return new PatternNode.Repeat(part, least, most);
    }

    /// <summary><c>(?#words)</c>, as many as follow on one another.</summary>
    private void SkipComments()
    {
        while (_text[_at..].StartsWith("(?#"))
        {
            _at += _text[_at..].IndexOf(')') + 1;
        }
    }

    /// <summary>Of <c>{2}</c>, <c>{2,}</c>, <c>{2,5}</c>; other braces stand for themselves.</summary>
    private readonly bool Counts(out int least, out int? most, out int length)
    {
        (least, most, length) = (0, null, _text[_at..].IndexOf('}') + 1);
        if (length < 3)
        {
            return false;
        }

        var inner = _text.Slice(_at + 1, length - 2);
        var comma = inner.IndexOf(',');
        var first = comma < 0 ? inner : inner[..comma];
        var second = comma < 0 ? inner : inner[(comma + 1)..];
        if (!int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out least))
        {
            return false;
        }

        if (!second.IsEmpty)
        {
            if (!int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var upper))
            {
                return false;
            }

            most = upper;
        }

        return true;
    }
}
