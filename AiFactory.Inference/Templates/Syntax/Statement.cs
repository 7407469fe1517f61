namespace AiFactory.Inference.Templates.Syntax;

/// <summary>A part of a template's body.</summary>
internal abstract record Statement(int Line)
{
    public sealed record Text(string Value, int Line) : Statement(Line);

    /// <summary><c>{{ value }}</c></summary>
    public sealed record Output(Expression Value, int Line) : Statement(Line);

    public sealed record If(IReadOnlyList<(Expression Test, IReadOnlyList<Statement> Body)> Branches, IReadOnlyList<Statement> Otherwise, int Line) : Statement(Line);

    /// <param name="Condition">Only elements for which it holds are looped over.</param>
    /// <param name="Otherwise">When there was none.</param>
    public sealed record For(
        AssignmentTarget Target, Expression Items, Expression? Condition, IReadOnlyList<Statement> Body, IReadOnlyList<Statement> Otherwise, int Line) : Statement(Line);

    public sealed record Break(int Line) : Statement(Line);

    public sealed record Continue(int Line) : Statement(Line);

    public sealed record Set(AssignmentTarget Target, Expression Value, int Line) : Statement(Line);

    /// <summary><c>{% set x | trim %}...{% endset %}</c></summary>
    /// <param name="Wrapper">The filters, over a name that stands for the body.</param>
    public sealed record SetBlock(AssignmentTarget Target, Expression Wrapper, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

    /// <summary><c>{% filter trim %}...{% endfilter %}</c></summary>
    public sealed record FilterBlock(Expression Wrapper, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

    public sealed record Macro(string Name, IReadOnlyList<Parameter> Parameters, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

    /// <summary><c>{% call(item) list_of(items) %}...{% endcall %}</c>: the macro gets the body as <c>caller</c>.</summary>
    public sealed record CallBlock(IReadOnlyList<Parameter> Parameters, Expression.Call Call, IReadOnlyList<Statement> Body, int Line) : Statement(Line);
}
