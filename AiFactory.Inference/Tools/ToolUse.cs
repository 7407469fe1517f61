using AiFactory.Inference.Templates.Values;
using AiFactory.Inference.Tools.Formats;

namespace AiFactory.Inference.Tools;

/// <summary>What a request lets the model do with tools.</summary>
/// <param name="Tools">Those that the model is shown; null when it is shown none, and its answer is text whatever it looks like.</param>
/// <param name="IsRequired">The answer must begin with a call.</param>
/// <param name="RequiredName">And with one of this tool.</param>
/// <param name="IsSingle">The answer ends behind its first call.</param>
internal sealed record ToolUse(ListValue? Tools, bool IsRequired = false, string? RequiredName = null, bool IsSingle = false)
{
    /// <summary>What the tools are, in the order of the request.</summary>
    public IReadOnlyList<ToolFunction> Functions { get; init; } = [];

    /// <summary>How the model writes calls; null when that is not known, or it may make none: its answer is text, whatever it looks like.</summary>
    public CallFormat? Format { get; init; } = CallFormats.Hermes;

    /// <summary>What the answer begins with.</summary>
    public string Opening => ThinksFirst ? "" : Begun;

    /// <summary>Whether the model may think before a call that is required: then it writes the call's beginning itself, held to it.</summary>
    public bool ThinksFirst { get; init; }

    /// <summary>What a call that is required begins with.</summary>
    public string Begun => Format?.Opening(this) ?? "";

    public ToolCallParser NewParser() => new(Format ?? throw new InvalidOperationException("The answer is text."), Functions);

    /// <summary>Some templates take no ids but of their own length.</summary>
    public string ToCallId(string id) => Format?.IdLength is { } length ? id[^length..] : id;

    /// <summary>Whether the request asks for calls that meet their schemas.</summary>
    public bool IsStrict => Functions.Any(function => function.IsStrict);

    public static readonly ToolUse None = new((ListValue?)null) { Format = null };
}
