using System.Text.RegularExpressions;

namespace AiFactory.Inference.Templates.Syntax;

/// <summary>
/// Cuts a template into text and the tokens of its constructs: <c>text {{ expression }} {% statement %} {# comment #}</c>. White space around constructs goes as transformers sets Jinja up:
/// <c>trim_blocks</c> (a statement takes the newline after it along), <c>lstrip_blocks</c> (and the blanks before it, when it begins its line), <c>-</c> at either end takes all white space on
/// that side, <c>+</c> none. One newline at the template's end is dropped.
/// </summary>
internal sealed partial class Lexer
{
    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private int _position;
    private int _line = 1;

    // Whether only blanks can stand between here and the beginning of the line, in what the template has not cut off.
    private bool _lineStarts = true;

    private Lexer(string source)
    {
        var text = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        _source = text.EndsWith('\n') ? text[..^1] : text;
    }

    public static IReadOnlyList<Token> Tokenize(string source)
    {
        var lexer = new Lexer(source);
        lexer.Run();
        return lexer._tokens;
    }

    private void Run()
    {
        while (FindConstruct() is var start and >= 0)
        {
            AddText(start);
            var sign = SignAt(start + 2);
            switch (_source[start + 1])
            {
                case '#':
                    SkipComment(start);
                    break;
                case '%' when RawBegin().Match(_source, start) is { Success: true } begin:
                    AddRaw(begin);
                    break;
                case var kind:
                    _position = start + (sign is null ? 2 : 3);
                    Add(kind == '{' ? TokenKind.ExpressionOpen : TokenKind.StatementOpen, "");
                    new ConstructLexer(this, kind == '{').Run();
                    break;
            }

            _lineStarts = _position > 0 && _source[_position - 1] == '\n';
        }

        if (_position < _source.Length)
        {
            Add(TokenKind.Text, _source[_position..]);
        }

        Advance(_source.Length);
        Add(TokenKind.End, "");
    }

    private int FindConstruct()
    {
        for (var from = _position; ;)
        {
            var start = _source.IndexOf('{', from);
            if (start < 0 || start + 1 >= _source.Length)
            {
                return -1;
            }

            if (_source[start + 1] is '{' or '%' or '#')
            {
                return start;
            }

            from = start + 1;
        }
    }

    private char? SignAt(int position) => position < _source.Length && _source[position] is '-' or '+' ? _source[position] : null;

    /// <summary>The text before a construct, less the white space that the construct takes.</summary>
    private void AddText(int start)
    {
        var text = _source[_position..start];
        var sign = SignAt(start + 2);
        if (sign == '-')
        {
            text = text.TrimEnd();
        }
        else if (sign is null && _source[start + 1] != '{')
        {
            var line = text.LastIndexOf('\n') + 1;
            if ((line > 0 || _lineStarts) && text.AsSpan(line).IsWhiteSpace())
            {
                text = text[..line];
            }
        }

        if (text.Length > 0)
        {
            Add(TokenKind.Text, text);
        }

        Advance(start);
    }

    private void SkipComment(int start)
    {
        var end = _source.IndexOf("#}", start + 2, StringComparison.Ordinal);
        if (end < 0)
        {
            throw Fail("the comment has no end");
        }

        Advance(end);
        Close(end > start + 2 && _source[end - 1] is '-' or '+' ? _source[end - 1] : null, isStatement: true);
    }

    private void AddRaw(Match begin)
    {
        var end = RawEnd().Match(_source, begin.Index + begin.Length);
        if (!end.Success)
        {
            throw Fail("'raw' has no 'endraw'");
        }

        Advance(begin.Index + begin.Length);
        var text = _source[_position..end.Index];
        Add(TokenKind.Text, end.Groups["left"].Value == "-" ? text.TrimEnd() : text);
        Advance(end.Index + end.Length);
    }

    /// <summary>Steps over <c>%}</c>, <c>}}</c> or <c>#}</c> at the position, and over the white space that it takes.</summary>
    private void Close(char? sign, bool isStatement)
    {
        var end = _position + 2;
        if (sign == '-')
        {
            while (end < _source.Length && char.IsWhiteSpace(_source[end]))
            {
                end++;
            }
        }
        else if (sign is null && isStatement && end < _source.Length && _source[end] == '\n')
        {
            end++;
        }

        Advance(end);
    }

    private void Advance(int to)
    {
        _line += _source.AsSpan(_position, to - _position).Count('\n');
        _position = to;
    }

    private void Add(TokenKind kind, string value) => _tokens.Add(new Token(kind, value, _line));

    private TemplateException Fail(string message) => new(message, _line);

    [GeneratedRegex(@"\G\{%[-+]?\s*raw\s*(-%\}\s*|%\})", RegexOptions.CultureInvariant)]
    private static partial Regex RawBegin();

    [GeneratedRegex(@"\{%(?<left>[-+]?)\s*endraw\s*(\+%\}|-%\}\s*|%\}\n?)", RegexOptions.CultureInvariant)]
    private static partial Regex RawEnd();
}
