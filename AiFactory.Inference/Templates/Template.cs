using AiFactory.Inference.Templates.Evaluation;
using AiFactory.Inference.Templates.Functions;
using AiFactory.Inference.Templates.Syntax;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates;

/// <summary>
/// A chat template: the part of Jinja (https://jinja.palletsprojects.com/en/stable/templates/) that models use, with transformers' settings and additions. It came with the model and is
/// a stranger's program, so it has no way to anything but the variables it is given, and ends at the limits. May be rendered by several threads at once.
/// </summary>
internal sealed class Template
{
    private readonly IReadOnlyList<Statement> _body;
    private readonly TemplateLimits _limits;
    private readonly IReadOnlySet<string> _names;

    private Template(IReadOnlyList<Statement> body, IReadOnlySet<string> names, TemplateLimits limits)
    {
        _body = body;
        _names = names;
        _limits = limits;
    }

    /// <exception cref="TemplateException">It is not well-formed, or uses what is not supported.</exception>
    public static Template Parse(string source, TemplateLimits? limits = null)
    {
        var within = limits ?? TemplateLimits.Default;
        if (source.Length > within.Source)
        {
            throw new TemplateException($"the template has {source.Length} characters, more than {within.Source}", 1);
        }

        var parser = new TemplateParser(source, within.SourceDepth);
        return new Template(parser.Parse(), parser.Names, within);
    }

    /// <summary>Whether the template reads a variable of the name.</summary>
    public bool Uses(string name) => _names.Contains(name);

    /// <exception cref="TemplateException">It fails, refuses by <c>raise_exception</c>, or exceeds a limit.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; it is looked at with every step.</exception>
    public StringValue Render(IEnumerable<KeyValuePair<string, TemplateValue>> variables, TimeProvider time, CancellationToken cancellationToken = default)
    {
        var context = new RenderContext(_limits, time, cancellationToken);
        var scope = new Scope(null);
        foreach (var (name, value) in Globals.All.Concat(variables))
        {
            scope.Set(name, value);
        }

        var output = new TextBuilder(context, _limits.Output);
        new StatementExecutor(context).Execute(_body, scope, output);
        return output.ToValue();
    }
}
