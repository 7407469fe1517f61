namespace AiFactory.Inference.Templates;

/// <summary>What a template may cost: it came with a model, so it is a stranger's program.</summary>
internal sealed record TemplateLimits
{
    public static readonly TemplateLimits Default = new();

    /// <summary>Characters of source.</summary>
    public int Source { get; init; } = 256 * 1024;

    /// <summary>Constructs within constructs, as they are written.</summary>
    public int SourceDepth { get; init; } = 100;

    /// <summary>Constructs within constructs, as they run: macros that call macros among them. A list of lists and a dict of dicts count likewise.</summary>
    public int Depth { get; init; } = 800;

    /// <summary>Constructs evaluated, elements of lists made or looked at, and every 64 characters that are looked through.</summary>
    public long Steps { get; init; } = 5_000_000;

    /// <summary>Characters of the result: more than the text of a million tokens.</summary>
    public int Output { get; init; } = 8 * 1024 * 1024;

    /// <summary>Characters of all texts made on the way; they may all be kept, and a character takes two bytes.</summary>
    public long Characters { get; init; } = 64L * 1024 * 1024;
}
