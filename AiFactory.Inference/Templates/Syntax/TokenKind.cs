namespace AiFactory.Inference.Templates.Syntax;

internal enum TokenKind
{
    Text,
    ExpressionOpen,
    ExpressionClose,
    StatementOpen,
    StatementClose,
    Name,
    Integer,
    Float,
    String,
    Operator,
    End,
}
