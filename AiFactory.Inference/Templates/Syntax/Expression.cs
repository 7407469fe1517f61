using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Syntax;

/// <summary>What gives a value. <c>Line</c> is where it stands in the source.</summary>
internal abstract record Expression(int Line)
{
    public sealed record Literal(TemplateValue Value, int Line) : Expression(Line);

    public sealed record Name(string Identifier, int Line) : Expression(Line);

    /// <summary><c>[a, b]</c> or <c>(a, b)</c>.</summary>
    public sealed record Sequence(IReadOnlyList<Expression> Items, bool IsTuple, int Line) : Expression(Line);

    /// <summary><c>{'a': b}</c></summary>
    public sealed record Map(IReadOnlyList<(Expression Key, Expression Value)> Entries, int Line) : Expression(Line);

    /// <summary><c>-a</c> or <c>+a</c>.</summary>
    public sealed record Sign(bool IsMinus, Expression Operand, int Line) : Expression(Line);

    public sealed record Not(Expression Operand, int Line) : Expression(Line);

    /// <summary><c>a and b</c> or <c>a or b</c>; gives one of the two, as in Python.</summary>
    public sealed record Logical(bool IsAnd, Expression Left, Expression Right, int Line) : Expression(Line);

    public sealed record Binary(BinaryOperator Operator, Expression Left, Expression Right, int Line) : Expression(Line);

    /// <summary><c>a &lt; b &lt;= c</c>: every neighbouring pair must hold.</summary>
    public sealed record Comparison(Expression First, IReadOnlyList<(ComparisonOperator Operator, Expression Operand)> Rest, int Line) : Expression(Line);

    /// <summary><c>then if condition else otherwise</c></summary>
    public sealed record Conditional(Expression Condition, Expression Then, Expression? Otherwise, int Line) : Expression(Line);

    public sealed record Attribute(Expression Target, string Member, int Line) : Expression(Line);

    public sealed record Item(Expression Target, Expression Key, int Line) : Expression(Line);

    public sealed record Slice(Expression Target, Expression? Start, Expression? Stop, Expression? Step, int Line) : Expression(Line);

    public sealed record Call(Expression Target, IReadOnlyList<Argument> Arguments, int Line) : Expression(Line);

    /// <summary><c>value | join(', ')</c></summary>
    public sealed record Filter(Expression Target, string FilterName, IReadOnlyList<Argument> Arguments, int Line) : Expression(Line);

    /// <summary><c>value is not defined</c></summary>
    public sealed record Test(Expression Target, string TestName, IReadOnlyList<Argument> Arguments, bool IsNegated, int Line) : Expression(Line);
}
