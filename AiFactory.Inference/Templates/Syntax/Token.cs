namespace AiFactory.Inference.Templates.Syntax;

/// <param name="Value">A string's is without quotes and escapes.</param>
/// <param name="Line">Counted from 1.</param>
internal readonly record struct Token(TokenKind Kind, string Value, int Line)
{
    public bool Is(TokenKind kind, string value) => Kind == kind && Value == value;

    public string Describe() => Kind switch
    {
        TokenKind.Text => "text",
        TokenKind.ExpressionOpen => "'{{'",
        TokenKind.ExpressionClose => "'}}'",
        TokenKind.StatementOpen => "'{%'",
        TokenKind.StatementClose => "'%}'",
        TokenKind.End => "the end of the template",
        TokenKind.String => "a string",
        _ => $"'{Value}'",
    };
}
