using AiFactory.Inference.Templates.Functions;
using AiFactory.Inference.Templates.Syntax;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Evaluation;

/// <summary>Gives expressions their values.</summary>
internal sealed class ExpressionEvaluator(RenderContext context)
{
    /// <summary>Lists and dicts within each other; deeper ones are refused, so that no walk over a value exhausts the stack.</summary>
    private const int MostNesting = 128;

    public TemplateValue Evaluate(Expression expression, Scope scope)
    {
        context.Enter();
        context.Step();
        context.Line = expression.Line;
        var value = Switch(expression, scope);
        context.Leave();
        return value.Depth <= MostNesting ? value : throw context.Fail($"lists and dicts nest more than {MostNesting} deep");
    }

    public CallArguments Arguments(IReadOnlyList<Argument> arguments, Scope scope, string construct, int line)
    {
        var positional = new List<TemplateValue>(arguments.Count);
        var named = new Dictionary<string, TemplateValue>(StringComparer.Ordinal);
        foreach (var argument in arguments)
        {
            var value = Evaluate(argument.Value, scope);
            if (argument.Name is null)
            {
                positional.Add(value);
            }
            else
            {
                named[argument.Name] = value;
            }
        }

        context.Line = line;
        return new CallArguments(context, construct, positional, named);
    }

    private TemplateValue Switch(Expression expression, Scope scope) => expression switch
    {
        Expression.Literal literal => literal.Value,
        Expression.Name name => scope.Find(name.Identifier) ?? new UndefinedValue($"'{name.Identifier}' is undefined"),
        Expression.Attribute attribute => Attribute(attribute, scope),
        Expression.Item item => Item(item, scope),
        Expression.Slice slice => Slice(slice, scope),
        Expression.Call call => Call(call, scope),
        Expression.Filter filter => Filter(filter, scope),
        Expression.Test test => BooleanValue.Of(Test(test, scope)),
        Expression.Binary binary => Binary(binary, scope),
        Expression.Comparison comparison => BooleanValue.Of(Compare(comparison, scope)),
        Expression.Logical logical => Logical(logical, scope),
        Expression.Not not => BooleanValue.Of(!Evaluate(not.Operand, scope).IsTruthy),
        Expression.Sign sign => Operators.Negate(Evaluate(sign.Operand, scope), sign.IsMinus, context),
        Expression.Conditional conditional => Conditional(conditional, scope),
        Expression.Sequence sequence => new ListValue([.. sequence.Items.Select(item => Evaluate(item, scope))], sequence.IsTuple),
        Expression.Map map => new MapValue([.. map.Entries.Select(entry => Entry(entry, scope))]),
        _ => throw new InvalidOperationException($"No such expression: {expression.GetType().Name}"),
    };

    private TemplateValue Attribute(Expression.Attribute expression, Scope scope)
    {
        var target = Evaluate(expression.Target, scope);
        context.Line = expression.Line;
        return Members.Attribute(target, expression.Member, context);
    }

    private TemplateValue Item(Expression.Item expression, Scope scope)
    {
        var (target, key) = (Evaluate(expression.Target, scope), Evaluate(expression.Key, scope));
        context.Line = expression.Line;
        return Members.Item(target, key, context);
    }

    private TemplateValue Slice(Expression.Slice expression, Scope scope)
    {
        var target = Evaluate(expression.Target, scope);
        var (start, stop, step) = (Bound(expression.Start), Bound(expression.Stop), Bound(expression.Step));
        context.Line = expression.Line;
        return Sequences.Slice(target, start, stop, step, context);

        long? Bound(Expression? bound) => bound is null ? null : Evaluate(bound, scope) switch
        {
            NoneValue => null,
            { } value when Numbers.TryReadWhole(value, out var whole) => whole,
            { } value => throw context.Fail($"the bounds of a slice are whole numbers, not {value.TypeName}"),
        };
    }

    private TemplateValue Call(Expression.Call expression, Scope scope)
    {
        var target = Evaluate(expression.Target, scope);
        context.Line = expression.Line;
        var function = target as FunctionValue
            ?? throw context.Fail((target as UndefinedValue)?.Description is { } missing ? $"{missing}, so it cannot be called" : $"a {target.TypeName} cannot be called");
        return function.Call(Arguments(expression.Arguments, scope, $"'{function.Name}'", expression.Line));
    }

    private TemplateValue Filter(Expression.Filter expression, Scope scope)
    {
        var target = Evaluate(expression.Target, scope);
        return FilterTable.Apply(expression.FilterName, target, Arguments(expression.Arguments, scope, $"filter '{expression.FilterName}'", expression.Line));
    }

    private bool Test(Expression.Test expression, Scope scope)
    {
        var target = Evaluate(expression.Target, scope);
        return TestTable.Holds(expression.TestName, target, Arguments(expression.Arguments, scope, $"test '{expression.TestName}'", expression.Line)) != expression.IsNegated;
    }

    private TemplateValue Binary(Expression.Binary expression, Scope scope)
    {
        var (left, right) = (Evaluate(expression.Left, scope), Evaluate(expression.Right, scope));
        context.Line = expression.Line;
        return Operators.Apply(expression.Operator, left, right, context);
    }

    private bool Compare(Expression.Comparison expression, Scope scope)
    {
        var left = Evaluate(expression.First, scope);
        foreach (var (comparison, operand) in expression.Rest)
        {
            var right = Evaluate(operand, scope);
            context.Line = expression.Line;
            if (!Operators.Apply(comparison, left, right, context))
            {
                return false;
            }

            left = right;
        }

        return true;
    }

    private TemplateValue Logical(Expression.Logical expression, Scope scope)
    {
        var left = Evaluate(expression.Left, scope);
        return left.IsTruthy == expression.IsAnd ? Evaluate(expression.Right, scope) : left;
    }

    private TemplateValue Conditional(Expression.Conditional expression, Scope scope) =>
        Evaluate(expression.Condition, scope).IsTruthy ? Evaluate(expression.Then, scope)
        : expression.Otherwise is { } otherwise ? Evaluate(otherwise, scope)
        : new UndefinedValue("the 'if' has no 'else', and its condition does not hold");

    private KeyValuePair<TemplateValue, TemplateValue> Entry((Expression Key, Expression Value) entry, Scope scope)
    {
        var key = Evaluate(entry.Key, scope);
        Equality.ScanText(key, context);
        return MapValue.IsKey(key) ? KeyValuePair.Create(key, Evaluate(entry.Value, scope)) : throw context.Fail($"the key of a dict is a text or a number, not {key.TypeName}");
    }
}
