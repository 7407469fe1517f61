namespace AiFactory.Inference.Templates;

/// <summary>A template that cannot be read, or that cannot go on with what it was given. The message names the line and the construct.</summary>
internal sealed class TemplateException(string message, int line) : Exception($"line {line}: {message}")
{
    /// <summary>Counted from 1.</summary>
    public int Line { get; } = line;

    /// <summary>The message of the template's own <c>raise_exception</c>; null when the fault is another.</summary>
    public string? Raised { get; init; }
}
