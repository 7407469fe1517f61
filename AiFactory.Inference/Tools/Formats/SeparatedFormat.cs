using System.Text;

namespace AiFactory.Inference.Tools.Formats;

/// <summary>
/// A call is a name and an object:
/// <code>
/// [TOOL_CALLS]get_weather[ARGS]{"city": "Oslo"}
/// &lt;function=get_weather&gt;{"city": "Oslo"}&lt;/function&gt;
/// &lt;|tool_call_begin|&gt;functions.get_weather:0&lt;|tool_call_argument_begin|&gt;{"city": "Oslo"}&lt;|tool_call_end|&gt;
/// </code>
/// </summary>
internal sealed class SeparatedFormat : CallFormat
{
    /// <summary>Before the name.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Between name and arguments.</summary>
    public required string Separator { get; init; }

    /// <summary>Between name and separator, from its first character that is none of a name's: what stands there, and its grammar.</summary>
    public (string Mark, string Grammar)? Id { get; init; }

    /// <summary>What a call that is required begins with, when not with the marks alone.</summary>
    public string? Opened { get; init; }

    public string Suffix { get; init; } = "";

    public override IEnumerable<string> Literals => [.. base.Literals, Prefix, Separator, Suffix, Id?.Mark ?? ""];

    public override string Opening(ToolUse use) => use.IsRequired && Opened is not null ? Opened : base.Opening(use);

    public override CallReader NewReader(string before, IReadOnlyList<ToolFunction> functions) => new SeparatedCallReader(before, Separator, Suffix, NameOf);

    protected override void WriteCall(StringBuilder written, ToolUse use, IReadOnlyList<(ToolFunction Function, int Index)> allowed)
    {
        var suffix = Suffix.Length == 0 ? "" : $"ws {Literal(Suffix)}";
        var alternatives = allowed.Select(pair => $"{Literal(pair.Function.Name)} {(Id is { } id ? $"({id.Grammar})?" : "")} {Literal(Separator)} ws call-{pair.Index} {suffix}");
        Append(written, "call", $"ws {Literal(Prefix)} ({string.Join(" | ", alternatives)})");
    }

    private string NameOf(string head)
    {
        var name = head.StartsWith(Prefix, StringComparison.Ordinal) ? head[Prefix.Length..] : head;
        return Id is null ? name : string.Concat(name.TakeWhile(CallReader.IsOfName));
    }
}
