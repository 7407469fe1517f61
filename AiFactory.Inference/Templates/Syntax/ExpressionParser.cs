using System.Globalization;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Syntax;

/// <summary>
/// Expressions, one method for each level of Jinja's precedence, from the loosest: <c>if else</c>, <c>or</c>, <c>and</c>, <c>not</c>, comparisons, <c>+ -</c>, <c>~</c>, <c>* / // %</c>,
/// <c>**</c>, signs, then calls, members, filters and tests. (https://jinja.palletsprojects.com/en/stable/templates/#expressions)
/// </summary>
internal sealed class ExpressionParser(TokenReader tokens)
{
    /// <summary>Words that end a test's argument rather than being it: <c>a is defined and b</c>.</summary>
    private static readonly string[] NoArgument = ["and", "or", "not", "if", "else", "in", "is"];

    /// <summary>Every name that an expression reads, of whatever scope.</summary>
    public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

    public Expression Parse() => tokens.Nested(ParseConditional);

    /// <summary><c>a, b</c> without parentheses is a tuple.</summary>
    public Expression ParseTuple(bool allowConditional = true)
    {
        var line = tokens.Current.Line;
        var first = One();
        if (!tokens.IsOperator(","))
        {
            return first;
        }

        var items = new List<Expression> { first };
        while (tokens.TryOperator(",") && tokens.Current.Kind is not (TokenKind.ExpressionClose or TokenKind.StatementClose) && !tokens.IsOperator(")"))
        {
            items.Add(One());
        }

        return new Expression.Sequence(items, IsTuple: true, line);

        Expression One() => allowConditional ? Parse() : tokens.Nested(ParseOr);
    }

    /// <summary>What a loop goes over: without <c>if</c>, which there begins the loop's condition.</summary>
    public Expression ParseItems() => ParseTuple(allowConditional: false);

    /// <summary><c>| trim | upper</c> behind the expression.</summary>
    public Expression ParseFilters(Expression target)
    {
        while (tokens.IsOperator("|"))
        {
            target = ParseFilter(target);
        }

        return target;
    }

    /// <summary>A filter's name and arguments, without the sign before it.</summary>
    public Expression ParseFilterCall(Expression target)
    {
        var line = tokens.Current.Line;
        var name = tokens.TakeName();
        return new Expression.Filter(target, name, tokens.IsOperator("(") ? ParseArguments() : [], line);
    }

    private Expression ParseConditional()
    {
        var line = tokens.Current.Line;
        var value = ParseOr();
        while (tokens.TryName("if"))
        {
            var test = ParseOr();
            value = new Expression.Conditional(test, value, tokens.TryName("else") ? tokens.Nested(ParseConditional) : null, line);
        }

        return value;
    }

    private Expression ParseOr()
    {
        var left = ParseAnd();
        while (tokens.Current is { Line: var line } && tokens.TryName("or"))
        {
            left = new Expression.Logical(IsAnd: false, left, ParseAnd(), line);
        }

        return left;
    }

    private Expression ParseAnd()
    {
        var left = ParseNot();
        while (tokens.Current is { Line: var line } && tokens.TryName("and"))
        {
            left = new Expression.Logical(IsAnd: true, left, ParseNot(), line);
        }

        return left;
    }

    private Expression ParseNot() =>
        tokens.Current is { Line: var line } && tokens.TryName("not") ? new Expression.Not(tokens.Nested(ParseNot), line) : ParseComparison();

    private Expression ParseComparison()
    {
        var line = tokens.Current.Line;
        var first = ParseSum();
        var rest = new List<(ComparisonOperator, Expression)>();
        while (TryComparison() is { } comparison)
        {
            rest.Add((comparison, ParseSum()));
        }

        return rest.Count == 0 ? first : new Expression.Comparison(first, rest, line);
    }

    private ComparisonOperator? TryComparison()
    {
        ComparisonOperator? found = tokens.Current switch
        {
            { Kind: TokenKind.Operator, Value: "==" } => ComparisonOperator.Equal,
            { Kind: TokenKind.Operator, Value: "!=" } => ComparisonOperator.NotEqual,
            { Kind: TokenKind.Operator, Value: "<" } => ComparisonOperator.Less,
            { Kind: TokenKind.Operator, Value: "<=" } => ComparisonOperator.LessOrEqual,
            { Kind: TokenKind.Operator, Value: ">" } => ComparisonOperator.Greater,
            { Kind: TokenKind.Operator, Value: ">=" } => ComparisonOperator.GreaterOrEqual,
            { Kind: TokenKind.Name, Value: "in" } => ComparisonOperator.In,
            { Kind: TokenKind.Name, Value: "not" } when tokens.Next.Is(TokenKind.Name, "in") => ComparisonOperator.NotIn,
            _ => null,
        };
        if (found is not null)
        {
            tokens.Take();
        }

        if (found == ComparisonOperator.NotIn)
        {
            tokens.Take();
        }

        return found;
    }

    private Expression ParseSum() => ParseBinary(ParseConcatenation, ("+", BinaryOperator.Add), ("-", BinaryOperator.Subtract));

    private Expression ParseConcatenation() => ParseBinary(ParseProduct, ("~", BinaryOperator.Concatenate));

    private Expression ParseProduct() => ParseBinary(
        ParsePower, ("*", BinaryOperator.Multiply), ("/", BinaryOperator.Divide), ("//", BinaryOperator.FloorDivide), ("%", BinaryOperator.Modulo));

    private Expression ParsePower() => ParseBinary(() => ParseUnary(withFilters: true), ("**", BinaryOperator.Power));

    private Expression ParseBinary(Func<Expression> parseOperand, params (string Sign, BinaryOperator Operator)[] operators)
    {
        var left = parseOperand();
        while (Array.Find(operators, candidate => tokens.IsOperator(candidate.Sign)) is { Sign: not null } found)
        {
            var line = tokens.Take().Line;
            left = new Expression.Binary(found.Operator, left, parseOperand(), line);
        }

        return left;
    }

    /// <summary>A filter takes the sign along: <c>-1 | abs</c> is 1.</summary>
    private Expression ParseUnary(bool withFilters)
    {
        var line = tokens.Current.Line;
        Expression value = tokens.IsOperator("-") || tokens.IsOperator("+")
            ? new Expression.Sign(tokens.Take().Value == "-", tokens.Nested(() => ParseUnary(withFilters: false)), line)
            : ParsePostfix(ParsePrimary());
        return withFilters ? ParseFiltersAndTests(value) : value;
    }

    private Expression ParseFiltersAndTests(Expression value)
    {
        while (true)
        {
            if (tokens.IsOperator("|"))
            {
                value = ParseFilter(value);
            }
            else if (tokens.IsName("is"))
            {
                value = ParseTest(value);
            }
            else if (tokens.IsOperator("(") || tokens.IsOperator(".") || tokens.IsOperator("["))
            {
                value = ParsePostfix(value);
            }
            else
            {
                return value;
            }
        }
    }

    private Expression ParseFilter(Expression target)
    {
        tokens.ExpectOperator("|");
        return ParseFilterCall(target);
    }

    private Expression.Test ParseTest(Expression target)
    {
        var line = tokens.Take().Line;
        var isNegated = tokens.TryName("not");
        var name = tokens.TakeName();
        IReadOnlyList<Argument> arguments = [];
        if (tokens.IsOperator("("))
        {
            arguments = ParseArguments();
        }
        else if (tokens.Current.Kind is TokenKind.String or TokenKind.Integer or TokenKind.Float
            || tokens.IsOperator("[") || tokens.IsOperator("{")
            || (tokens.Current.Kind == TokenKind.Name && !NoArgument.Contains(tokens.Current.Value)))
        {
            arguments = [new Argument(null, ParsePostfix(ParsePrimary()))];
        }

        return new Expression.Test(target, name, arguments, isNegated, line);
    }

    private Expression ParsePostfix(Expression value)
    {
        while (true)
        {
            var line = tokens.Current.Line;
            if (tokens.TryOperator("."))
            {
                value = tokens.Current.Kind == TokenKind.Integer
                    ? new Expression.Item(value, ParsePrimary(), line)
                    : new Expression.Attribute(value, tokens.TakeName(), line);
            }
            else if (tokens.TryOperator("["))
            {
                value = ParseSubscript(value, line);
            }
            else if (tokens.IsOperator("("))
            {
                value = new Expression.Call(value, ParseArguments(), line);
            }
            else
            {
                return value;
            }
        }
    }

    /// <summary><c>[key]</c> or <c>[start:stop:step]</c>, behind its bracket.</summary>
    private Expression ParseSubscript(Expression target, int line)
    {
        var first = tokens.IsOperator(":") ? null : Parse();
        if (first is not null && tokens.TryOperator("]"))
        {
            return new Expression.Item(target, first, line);
        }

        tokens.ExpectOperator(":");
        var stop = tokens.IsOperator(":") || tokens.IsOperator("]") ? null : Parse();
        var step = tokens.TryOperator(":") && !tokens.IsOperator("]") ? Parse() : null;
        tokens.ExpectOperator("]");
        return new Expression.Slice(target, first, stop, step, line);
    }

    private List<Argument> ParseArguments()
    {
        tokens.ExpectOperator("(");
        var arguments = new List<Argument>();
        while (!tokens.TryOperator(")"))
        {
            if (tokens.IsOperator("*") || tokens.IsOperator("**"))
            {
                throw tokens.Fail($"arguments spread by '{tokens.Current.Value}' are not supported");
            }

            var name = tokens.Current.Kind == TokenKind.Name && tokens.Next.Is(TokenKind.Operator, "=") ? tokens.Take().Value : null;
            if (name is not null)
            {
                tokens.ExpectOperator("=");
            }
            else if (arguments is [.., { Name: not null }])
            {
                throw tokens.Fail("an argument without a name follows one that has a name");
            }

            arguments.Add(new Argument(name, Parse()));
            if (!tokens.IsOperator(")"))
            {
                tokens.ExpectOperator(",");
            }
        }

        return arguments;
    }

    private Expression ParsePrimary()
    {
        var token = tokens.Current;
        switch (token.Kind)
        {
            case TokenKind.Name:
                tokens.Take();
                return ParseName(token);
            case TokenKind.String:
                var text = "";
                while (tokens.Current.Kind == TokenKind.String)
                {
                    text += tokens.Take().Value;
                }

                return new Expression.Literal(StringValue.FromTemplate(text), token.Line);
            case TokenKind.Integer or TokenKind.Float:
                tokens.Take();
                return new Expression.Literal(ReadNumber(token), token.Line);
            case TokenKind.Operator when tokens.TryOperator("("):
                return ParseParentheses(token.Line);
            case TokenKind.Operator when tokens.TryOperator("["):
                return new Expression.Sequence(ParseUntil("]", Parse), IsTuple: false, token.Line);
            case TokenKind.Operator when tokens.TryOperator("{"):
                return new Expression.Map(ParseUntil("}", ParseEntry), token.Line);
            default:
                throw tokens.Fail($"expected an expression, found {token.Describe()}");
        }
    }

    private Expression ParseName(Token token)
    {
        TemplateValue? constant = token.Value switch
        {
            "true" or "True" => BooleanValue.True,
            "false" or "False" => BooleanValue.False,
            "none" or "None" => NoneValue.Instance,
            _ => null,
        };
        if (constant is not null)
        {
            return new Expression.Literal(constant, token.Line);
        }

        if (NoArgument.Contains(token.Value))
        {
            throw new TemplateException($"expected an expression, found '{token.Value}'", token.Line);
        }

        Names.Add(token.Value);
        return new Expression.Name(token.Value, token.Line);
    }

    private Expression ParseParentheses(int line)
    {
        if (tokens.TryOperator(")"))
        {
            return new Expression.Sequence([], IsTuple: true, line);
        }

        var value = ParseTuple();
        tokens.ExpectOperator(")");
        return value;
    }

    private (Expression, Expression) ParseEntry()
    {
        var key = Parse();
        tokens.ExpectOperator(":");
        return (key, Parse());
    }

    private List<T> ParseUntil<T>(string end, Func<T> parse)
    {
        var items = new List<T>();
        while (!tokens.TryOperator(end))
        {
            items.Add(parse());
            if (!tokens.IsOperator(end))
            {
                tokens.ExpectOperator(",");
            }
        }

        return items;
    }

    private static TemplateValue ReadNumber(Token token)
    {
        var digits = token.Value.Replace("_", "", StringComparison.Ordinal);
        return token.Kind == TokenKind.Float ? new FloatValue(double.Parse(digits, CultureInfo.InvariantCulture))
            : long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var whole) ? new IntegerValue(whole)
            : throw new TemplateException($"the whole number {token.Value} exceeds 64 bits", token.Line);
    }
}
