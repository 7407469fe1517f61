namespace AiFactory.Inference.Templates.Syntax;

/// <summary>The tokens, one after the other, and the words for what is wrong with them.</summary>
internal sealed class TokenReader(IReadOnlyList<Token> tokens, int mostDepth)
{
    private int _position;
    private int _depth;

    public Token Current => tokens[_position];

    public Token Next => tokens[Math.Min(_position + 1, tokens.Count - 1)];

    public Token Take() => tokens[_position < tokens.Count - 1 ? _position++ : _position];

    public bool IsOperator(string value) => Current.Is(TokenKind.Operator, value);

    public bool IsName(string value) => Current.Is(TokenKind.Name, value);

    public bool TryOperator(string value) => Try(TokenKind.Operator, value);

    public bool TryName(string value) => Try(TokenKind.Name, value);

    public void ExpectOperator(string value)
    {
        if (!TryOperator(value))
        {
            throw Fail($"expected '{value}', found {Current.Describe()}");
        }
    }

    public void ExpectName(string value)
    {
        if (!TryName(value))
        {
            throw Fail($"expected '{value}', found {Current.Describe()}");
        }
    }

    public string TakeName() => Current.Kind == TokenKind.Name ? Take().Value : throw Fail($"expected a name, found {Current.Describe()}");

    public void Expect(TokenKind kind)
    {
        if (Current.Kind != kind)
        {
            throw Fail($"expected {new Token(kind, "", 0).Describe()}, found {Current.Describe()}");
        }

        Take();
    }

    /// <summary>Around what may hold its like: the parser's stack stays bounded.</summary>
    public T Nested<T>(Func<T> parse)
    {
        if (++_depth > mostDepth)
        {
            throw Fail($"constructs nest more than {mostDepth} deep");
        }

        var parsed = parse();
        _depth--;
        return parsed;
    }

    public TemplateException Fail(string message) => new(message, Current.Line);

    private bool Try(TokenKind kind, string value)
    {
        if (!Current.Is(kind, value))
        {
            return false;
        }

        Take();
        return true;
    }
}
