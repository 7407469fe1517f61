using System.Text;
using AiFactory.Inference.Schemas;

namespace AiFactory.Inference.Tools.Formats;

/// <summary>
/// A call is an object, or a list of them, behind a mark:
/// <code>
/// &lt;tool_call&gt;
/// {"name": "get_weather", "arguments": {"city": "Oslo"}}
/// &lt;/tool_call&gt;
/// [TOOL_CALLS][{"name": "get_weather", "arguments": {"city": "Oslo"}, "id": "abcdefghi"}]
/// </code>
/// </summary>
internal sealed class ObjectFormat : CallFormat
{
    public string NameKey { get; init; } = "name";

    public string ArgumentsKey { get; init; } = "arguments";

    public bool IsList { get; init; }

    /// <summary>Behind the object or the list; may be empty.</summary>
    public string End { get; init; } = "";

    /// <summary>Members before the name, and behind the arguments: a grammar.</summary>
    public string Head { get; init; } = "";

    public string Tail { get; init; } = "";

    /// <summary>As the model writes calls: a call that is required is begun up to its name, or its arguments when there is one name only.</summary>
    public bool OpensObject { get; init; }

    /// <summary>No blank at its end: with it the model's tokens would be others than those that it has learnt.</summary>
    public override string Opening(ToolUse use) => !OpensObject || !use.IsRequired ? base.Opening(use)
        : use.RequiredName is null ? $"{Begin}\n{{\"{NameKey}\":"
        : $"{Begin}\n{{\"{NameKey}\": \"{use.RequiredName}\", \"{ArgumentsKey}\":";

    public override string RequiredRule(ToolUse use) => !OpensObject ? base.RequiredRule(use) : use.RequiredName is null ? "call-named calls" : "call-only calls";

    public override IReadOnlyList<(string Mark, string Rule)> Held => Begin.Length == 0 ? [] : base.Held;

    public override (string Mark, string Rule)? HeldAtStart => IsBare ? ("{", "call-bare") : null;

    public override CallReader NewReader(string before, IReadOnlyList<ToolFunction> functions) => new ObjectCallReader(before, IsList ? '[' : '{') { Bare = before.Length == 0 ? new BareCallHead(NameKey, functions) : null };

    protected override void WriteCall(StringBuilder written, ToolUse use, IReadOnlyList<(ToolFunction Function, int Index)> allowed)
    {
        // An object; from behind "name":; and from behind the one name that is allowed. Some models write the arguments first.
        var (name, arguments) = (GbnfText.Json(NameKey), GbnfText.Json(ArgumentsKey));
        var named = allowed.Select(pair => $"{GbnfText.Json(pair.Function.Name)} ws \",\" ws {arguments} \":\" ws call-{pair.Index}");
        var turned = allowed.Select(pair => $"call-{pair.Index} ws \",\" ws {name} \":\" ws {GbnfText.Json(pair.Function.Name)}");
        var close = $"{Tail} ws \"}}\"";
        Append(written, "one", $"\"{{\" ws {Head} ({name} \":\" ws ({string.Join(" | ", named)}) | {arguments} \":\" ws ({string.Join(" | ", turned)})) {close}");
        var end = $"ws {Literal(End)}";
        if (IsList)
        {
            Append(written, "call", $"ws \"[\" ws one {(use.IsSingle ? "" : "(ws \",\" ws one)*")} ws \"]\" {(End.Length == 0 ? "" : end)}");
            return;
        }

        end = End.Length == 0 ? "" : end;
        Append(written, "call", $"ws one {end}");
        Append(written, "call-named", $"ws ({string.Join(" | ", named)}) {close} {end}");
        Append(written, "call-bare", $"ws {name} \":\" ws ({string.Join(" | ", named)}) {close} {end}");
        if (allowed is [var only])
        {
            Append(written, "call-only", $"ws call-{only.Index} {close} {end}");
        }
    }
}
