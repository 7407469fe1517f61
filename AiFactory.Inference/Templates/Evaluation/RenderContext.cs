using System.Runtime.CompilerServices;

namespace AiFactory.Inference.Templates.Evaluation;

/// <summary>One rendering: what it has cost so far, and where it is.</summary>
internal sealed class RenderContext(TemplateLimits limits, TimeProvider time, CancellationToken cancellationToken = default)
{
    /// <summary>Characters that are looked through in about the time of a step.</summary>
    private const int CharactersPerStep = 64;

    private long _steps;
    private long _characters;
    private int _depth;

    public TemplateLimits Limits { get; } = limits;

    /// <summary>The line of the construct that is being evaluated.</summary>
    public int Line { get; set; } = 1;

    public DateTimeOffset Now => time.GetLocalNow();

    /// <exception cref="OperationCanceledException">Nobody waits for the text any more.</exception>
    public void Step(long count = 1)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _steps += count;
        if (_steps > Limits.Steps)
        {
            throw Fail($"the template takes more than {Limits.Steps} steps");
        }
    }

    /// <summary>Text is looked through, compared or hashed.</summary>
    public void Scan(long characters) => Step(1 + (characters / CharactersPerStep));

    /// <summary>A text is looked for in another. At worst all but the last character of a part fit at every place.</summary>
    public void Search(int characters, int part) => Step(1 + ((long)characters / CharactersPerStep * (1 + (part / CharactersPerStep))));

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
