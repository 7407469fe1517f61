using AiFactory.Inference.Templates.Syntax;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Evaluation;

/// <summary>Runs statements, and writes what they print.</summary>
internal sealed class StatementExecutor(RenderContext context)
{
    private readonly ExpressionEvaluator _expressions = new(context);

    public Flow Execute(IReadOnlyList<Statement> body, Scope scope, TextBuilder output)
    {
        context.Enter();
        var flow = Flow.AtEnd;
        for (var i = 0; i < body.Count && flow == Flow.AtEnd; i++)
        {
            context.Step();
            context.Line = body[i].Line;
            flow = Execute(body[i], scope, output);
        }

        context.Leave();
        return flow;
    }

    private Flow Execute(Statement statement, Scope scope, TextBuilder output)
    {
        switch (statement)
        {
            case Statement.Text text:
                output.Append(text.Value);
                return Flow.AtEnd;
            case Statement.Output print:
                output.Append(PythonText.Of(_expressions.Evaluate(print.Value, scope), context));
                return Flow.AtEnd;
            case Statement.If choice:
                return Execute(Choose(choice, scope), scope, output);
            case Statement.For loop:
                return Loop(loop, scope, output);
            case Statement.Break:
                return Flow.ByBreak;
            case Statement.Continue:
                return Flow.ByContinue;
            case Statement.Set set:
                Assign(set.Target, _expressions.Evaluate(set.Value, scope), scope);
                return Flow.AtEnd;
            case Statement.SetBlock block:
                Assign(block.Target, Capture(block.Body, block.Wrapper, scope), scope);
                return Flow.AtEnd;
            case Statement.FilterBlock block:
                output.Append(PythonText.Of(Capture(block.Body, block.Wrapper, scope), context));
                return Flow.AtEnd;
            case Statement.Macro macro:
                scope.Set(macro.Name, Function(macro.Name, macro.Parameters, macro.Body, scope));
                return Flow.AtEnd;
            case Statement.CallBlock block:
                output.Append(PythonText.Of(Call(block, scope), context));
                return Flow.AtEnd;
            default:
                throw new InvalidOperationException($"No such statement: {statement.GetType().Name}");
        }
    }

    private IReadOnlyList<Statement> Choose(Statement.If choice, Scope scope)
    {
        foreach (var (test, body) in choice.Branches)
        {
            if (_expressions.Evaluate(test, scope).IsTruthy)
            {
                return body;
            }
        }

        return choice.Otherwise;
    }

    /// <summary>1. The elements, and of them those for which the condition holds. 2. The body for each, in a scope of its own. 3. <c>else</c>, when there was none.</summary>
    private Flow Loop(Statement.For loop, Scope scope, TextBuilder output)
    {
        var value = _expressions.Evaluate(loop.Items, scope);
        var items = Sequences.Enumerate(value, context) ?? throw context.Fail($"'for' loops over a list, a dict or a text, not {value.TypeName}");
        if (loop.Condition is { } condition)
        {
            items = [.. items.Where(item => _expressions.Evaluate(condition, Inside(item)).IsTruthy)];
        }

        if (items.Count == 0)
        {
            return Execute(loop.Otherwise, new Scope(scope), output);
        }

        var state = new LoopValue(items);
        for (; state.Index < items.Count; state.Index++)
        {
            context.Step();
            var inside = Inside(items[state.Index]);
            inside.Set("loop", state);
            if (Execute(loop.Body, inside, output) == Flow.ByBreak)
            {
                break;
            }
        }

        return Flow.AtEnd;

        Scope Inside(TemplateValue item)
        {
            var inside = new Scope(scope);
            context.Line = loop.Line;
            Assign(loop.Target, item, inside);
            return inside;
        }
    }

    private TemplateValue Capture(IReadOnlyList<Statement> body, Expression wrapper, Scope scope)
    {
        var inside = new Scope(scope);
        var text = new TextBuilder(context);
        Execute(body, inside, text);
        inside.Set(TemplateParser.BodyName, text.ToValue());
        return _expressions.Evaluate(wrapper, inside);
    }

    private void Assign(AssignmentTarget target, TemplateValue value, Scope scope)
    {
        switch (target)
        {
            case AssignmentTarget.Name name:
                scope.Set(name.Identifier, value);
                break;
            case AssignmentTarget.NamespaceAttribute attribute:
                var space = scope.Find(attribute.Namespace) as NamespaceValue
                    ?? throw context.Fail($"'set {attribute.Namespace}.{attribute.Attribute}': '{attribute.Namespace}' is no namespace");
                space.Attributes[attribute.Attribute] = value;
                break;
            case AssignmentTarget.Tuple tuple:
                var items = Sequences.Enumerate(value, context) ?? throw context.Fail($"a {value.TypeName} cannot be taken apart");
                if (items.Count != tuple.Parts.Count)
                {
                    throw context.Fail($"{tuple.Parts.Count} names for {items.Count} values");
                }

                foreach (var (part, item) in tuple.Parts.Zip(items))
                {
                    Assign(part, item, scope);
                }

                break;
        }
    }

    private FunctionValue Function(string name, IReadOnlyList<Parameter> parameters, IReadOnlyList<Statement> body, Scope scope) => new(name, arguments =>
    {
        arguments.Expect(parameters.Count, [.. parameters.Select(parameter => parameter.Name), "caller"]);
        var inside = new Scope(scope);
        for (var i = 0; i < parameters.Count; i++)
        {
            var parameter = parameters[i];
            inside.Set(parameter.Name, arguments.Find(i, parameter.Name)
                ?? (parameter.Default is { } otherwise ? _expressions.Evaluate(otherwise, inside) : new UndefinedValue($"the parameter '{parameter.Name}' was not given")));
        }

        if (arguments.Named.GetValueOrDefault("caller") is { } caller)
        {
            inside.Set("caller", caller);
        }

        var text = new TextBuilder(context);
        Execute(body, inside, text);
        return text.ToValue();
    });

    private TemplateValue Call(Statement.CallBlock block, Scope scope)
    {
        var caller = Function("caller", block.Parameters, block.Body, scope);
        var name = TemplateParser.BodyName;
        var inside = new Scope(scope);
        inside.Set(name, caller);
        var call = block.Call with { Arguments = [.. block.Call.Arguments, new Argument("caller", new Expression.Name(name, block.Line))] };
        return _expressions.Evaluate(call, inside);
    }
}
