using System.Runtime.CompilerServices;

namespace AiFactory.Inference.Templates.Evaluation;

/// <summary>One rendering: what it has cost so far, and where it is.</summary>
internal sealed class RenderContext(TemplateLimits limits, TimeProvider time)
{
    private long _steps;
    private long _characters;
    private int _depth;

    public TemplateLimits Limits { get; } = limits;

    /// <summary>The line of the construct that is being evaluated.</summary>
    public int Line { get; set; } = 1;

    public DateTimeOffset Now => time.GetLocalNow();

    public void Step(long count = 1)
    {
        _steps += count;
        if (_steps > Limits.Steps)
        {
            throw Fail($"the template takes more than {Limits.Steps} steps");
        }
    }

    public void CountCharacters(long count)
    {
        _characters += count;
        if (_characters > Limits.Characters)
        {
            throw Fail($"the template makes more than {Limits.Characters} characters of text");
        }
    }

    public void Enter()
    {
        // The second is for a thread whose stack is smaller than usual.
        if (++_depth > Limits.Depth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw Fail($"constructs nest more than {Limits.Depth} deep");
        }
    }

    public void Leave() => _depth--;

    public TemplateException Fail(string message) => new(message, Line);
}
