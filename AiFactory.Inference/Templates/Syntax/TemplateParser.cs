namespace AiFactory.Inference.Templates.Syntax;

/// <summary>The body of a template: its text, and the statements in <c>{% %}</c>.</summary>
internal sealed class TemplateParser
{
    /// <summary>Stands for a block's text in its filters; no name of a template is like it.</summary>
    public const string BodyName = "(body)";

    private readonly TokenReader _tokens;
    private readonly ExpressionParser _expressions;
    private int _loops;

    public TemplateParser(string source, int mostDepth)
    {
        _tokens = new TokenReader(Lexer.Tokenize(source), mostDepth);
        _expressions = new ExpressionParser(_tokens);
    }

    public IReadOnlySet<string> Names => _expressions.Names;

    /// <exception cref="TemplateException">The template is not well-formed, or uses what is not supported.</exception>
    public IReadOnlyList<Statement> Parse()
    {
        var body = ParseBody([]);
        return _tokens.Current.Kind == TokenKind.End ? body : throw _tokens.Fail($"unexpected {_tokens.Next.Describe()}");
    }

    /// <summary>Up to a statement whose word is one of the ends, which is left to the caller, behind its <c>{%</c>.</summary>
    private List<Statement> ParseBody(string[] ends)
    {
        var body = new List<Statement>();
        while (_tokens.Current.Kind != TokenKind.End)
        {
            var token = _tokens.Current;
            switch (token.Kind)
            {
                case TokenKind.Text:
                    body.Add(new Statement.Text(_tokens.Take().Value, token.Line));
                    break;
                case TokenKind.ExpressionOpen:
                    _tokens.Take();
                    body.Add(new Statement.Output(_expressions.ParseTuple(), token.Line));
                    _tokens.Expect(TokenKind.ExpressionClose);
                    break;
                default:
                    _tokens.Take();
                    if (_tokens.Current.Kind == TokenKind.Name && ends.Contains(_tokens.Current.Value))
                    {
                        return body;
                    }

                    body.AddRange(_tokens.Nested(() => ParseStatement(token.Line)));
                    break;
            }
        }

        return ends.Length == 0 ? body : throw _tokens.Fail($"expected '{string.Join("' or '", ends)}', found the end of the template");
    }

    private List<Statement> ParseStatement(int line)
    {
        var word = _tokens.TakeName();
        Statement? statement = word switch
        {
            "if" => ParseIf(line),
            "for" => ParseFor(line),
            "set" => ParseSet(line),
            "macro" => ParseMacro(line),
            "call" => ParseCall(line),
            "filter" => ParseFilter(line),
            "break" or "continue" => ParseJump(word, line),
            "generation" => null,
            "else" or "elif" => throw new TemplateException($"'{word}' stands outside of an 'if' or 'for'", line),
            _ when word.StartsWith("end", StringComparison.Ordinal) => throw new TemplateException($"'{word}' ends what is not open", line),
            _ => throw new TemplateException($"the statement '{word}' is not supported", line),
        };
        if (statement is not null)
        {
            _tokens.Expect(TokenKind.StatementClose);
            return [statement];
        }

        // {% generation %} marks what a model is trained on; here it is its body.
        var body = ParseBlock("endgeneration");
        _tokens.Expect(TokenKind.StatementClose);
        return body;
    }

    /// <summary>From the end of the opening statement to behind the word of the closing one.</summary>
    private List<Statement> ParseBlock(string end)
    {
        _tokens.Expect(TokenKind.StatementClose);
        var body = ParseBody([end]);
        _tokens.ExpectName(end);
        return body;
    }

    private Statement.If ParseIf(int line)
    {
        var branches = new List<(Expression, IReadOnlyList<Statement>)>();
        do
        {
            var test = _expressions.ParseTuple();
            _tokens.Expect(TokenKind.StatementClose);
            branches.Add((test, ParseBody(["elif", "else", "endif"])));
        }
        while (_tokens.TryName("elif"));

        return new Statement.If(branches, ParseOtherwise("endif"), line);
    }

    private Statement.For ParseFor(int line)
    {
        var target = ParseTarget();
        _tokens.ExpectName("in");
        var items = _expressions.ParseItems();
        var condition = _tokens.TryName("if") ? _expressions.Parse() : null;
        if (_tokens.IsName("recursive"))
        {
            throw _tokens.Fail("a recursive 'for' is not supported");
        }

        _tokens.Expect(TokenKind.StatementClose);
        _loops++;
        var body = ParseBody(["else", "endfor"]);
        _loops--;
        return new Statement.For(target, items, condition, body, ParseOtherwise("endfor"), line);
    }

    /// <summary>The <c>else</c> of an <c>if</c> or <c>for</c>, when there is one, and the end.</summary>
    private List<Statement> ParseOtherwise(string end)
    {
        if (_tokens.TryName("else"))
        {
            return ParseBlock(end);
        }

        _tokens.ExpectName(end);
        return [];
    }

    private Statement ParseJump(string word, int line) =>
        _loops == 0 ? throw new TemplateException($"'{word}' stands outside of a loop", line)
        : word == "break" ? new Statement.Break(line)
        : new Statement.Continue(line);

    private Statement ParseSet(int line)
    {
        var target = ParseTarget();
        if (_tokens.TryOperator("="))
        {
            return new Statement.Set(target, _expressions.ParseTuple(), line);
        }

        var wrapper = _expressions.ParseFilters(new Expression.Name(BodyName, line));
        return new Statement.SetBlock(target, wrapper, ParseBlock("endset"), line);
    }

    private Statement.FilterBlock ParseFilter(int line)
    {
        var wrapper = _expressions.ParseFilters(_expressions.ParseFilterCall(new Expression.Name(BodyName, line)));
        return new Statement.FilterBlock(wrapper, ParseBlock("endfilter"), line);
    }

    private Statement.Macro ParseMacro(int line)
    {
        var name = _tokens.TakeName();
        var parameters = ParseParameters();
        return new Statement.Macro(name, parameters, ParseMacroBody("endmacro"), line);
    }

    private Statement.CallBlock ParseCall(int line)
    {
        IReadOnlyList<Parameter> parameters = _tokens.IsOperator("(") ? ParseParameters() : [];
        return _expressions.Parse() is Expression.Call call
            ? new Statement.CallBlock(parameters, call, ParseMacroBody("endcall"), line)
            : throw new TemplateException("'call' takes the call of a macro", line);
    }

    /// <summary>A loop around a macro is not the macro's: it cannot be left from inside.</summary>
    private List<Statement> ParseMacroBody(string end)
    {
        var loops = _loops;
        _loops = 0;
        var body = ParseBlock(end);
        _loops = loops;
        return body;
    }

    private List<Parameter> ParseParameters()
    {
        _tokens.ExpectOperator("(");
        var parameters = new List<Parameter>();
        while (!_tokens.TryOperator(")"))
        {
            parameters.Add(new Parameter(_tokens.TakeName(), _tokens.TryOperator("=") ? _expressions.Parse() : null));
            if (!_tokens.IsOperator(")"))
            {
                _tokens.ExpectOperator(",");
            }
        }

        return parameters;
    }

    private AssignmentTarget ParseTarget()
    {
        var first = ParseTargetPart();
        if (!_tokens.IsOperator(","))
        {
            return first;
        }

        var parts = new List<AssignmentTarget> { first };
        while (_tokens.TryOperator(","))
        {
            parts.Add(ParseTargetPart());
        }

        return new AssignmentTarget.Tuple(parts);
    }

    private AssignmentTarget ParseTargetPart()
    {
        if (_tokens.TryOperator("("))
        {
            var inner = _tokens.Nested(ParseTarget);
            _tokens.ExpectOperator(")");
            return inner;
        }

        var name = _tokens.TakeName();
        return _tokens.TryOperator(".") ? new AssignmentTarget.NamespaceAttribute(name, _tokens.TakeName()) : new AssignmentTarget.Name(name);
    }
}
