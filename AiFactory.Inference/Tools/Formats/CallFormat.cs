using System.Globalization;
using System.Text;
using System.Text.Json;
using AiFactory.Inference.Schemas;

namespace AiFactory.Inference.Tools.Formats;

/// <summary>One way in which models write calls: its marks, how a call is read, and the grammar of one.</summary>
internal abstract class CallFormat
{
    /// <summary>What begins a call, or a list of them; empty when a call is told by its text alone.</summary>
    public required string Begin { get; init; }

    /// <summary>Passed over before <see cref="Begin"/>: what opens several calls.</summary>
    public string Outer { get; init; } = "";

    /// <summary>Passed over behind a call.</summary>
    public IReadOnlyList<string> Ends { get; init; } = [];

    /// <summary>Behind a call it begins the next one; null when that is <see cref="Begin"/>.</summary>
    public string? Next { get; init; }

    /// <summary>Whether an answer that begins with a brace may be a call.</summary>
    public bool IsBare { get; init; }

    /// <summary>How long a call's id is; null when it may be any.</summary>
    public int? IdLength { get; init; }

    /// <summary>Arguments of a function that takes none, and of one that takes any: grammars.</summary>
    public virtual string NoParameters => "\"{\" ws \"}\"";

    public virtual string AnyParameters => "any-object";

    /// <summary>What an answer that must be a call begins with.</summary>
    public virtual string Opening(ToolUse use) => use.IsRequired ? Outer + Begin : "";

    /// <summary>From behind what the opening wrote.</summary>
    public virtual string RequiredRule(ToolUse use) => use.IsSingle || Next is not null ? "call" : "call calls";

    /// <summary>What a model begins a call with, and the rule for what follows.</summary>
    public virtual IReadOnlyList<(string Mark, string Rule)> Held => [(Begin, "call")];

    /// <summary>The same, at the very beginning of an answer only.</summary>
    public virtual (string Mark, string Rule)? HeldAtStart => null;

    /// <summary>All that is written around names and arguments. Where a control token of the model is part of it, that one is part of the answer.</summary>
    public virtual IEnumerable<string> Literals => [Outer, Begin, .. Ends];

    public abstract CallReader NewReader(string before, IReadOnlyList<ToolFunction> functions);

    /// <summary>Writes the rule for a function's arguments. A strict one's are held to all that its schema says.</summary>
    /// <exception cref="SchemaException">They cannot be held to it.</exception>
    public virtual void WriteParameters(StringBuilder written, ToolFunction function, JsonElement schema, string rule, SchemaWork work) => written.Append(SchemaGrammar.Write(schema, rule, work));

    /// <summary>Writes the rule <c>call</c>: from behind the mark to the end of the call, or of a list of them. Parameters have the rules <c>call-0</c> and so on.</summary>
    protected abstract void WriteCall(StringBuilder written, ToolUse use, IReadOnlyList<(ToolFunction Function, int Index)> allowed);

    public void Write(StringBuilder written, ToolUse use)
    {
        var allowed = use.Functions.Select((function, index) => (function, index)).Where(pair => use.RequiredName is null || pair.function.Name == use.RequiredName).ToList();
        WriteCall(written, use, allowed);
        if (Begin.Length > 0)
        {
            var end = Outer.Length == 0 || Ends.Count == 0 ? "" : $"([ \\n\\t]{{0,4}} {Literal(Ends[0])})?";
            Append(written, "calls", use.IsSingle ? "\"\"" : $"([ \\n\\t]{{0,4}} {GbnfText.Literal(Begin)} call)* {end}");
        }
    }

    protected static void Append(StringBuilder written, string rule, string alternatives) => written.Append(CultureInfo.InvariantCulture, $"{rule} ::= {alternatives}\n");

    /// <summary>A literal; of nothing, nothing.</summary>
    protected static string Literal(string text) => text.Length == 0 ? "\"\"" : GbnfText.Literal(text);
}
