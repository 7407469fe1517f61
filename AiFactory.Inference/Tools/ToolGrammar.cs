using System.Globalization;
using System.Text;
using AiFactory.Inference.Generations;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Schemas;

namespace AiFactory.Inference.Tools;

/// <summary>
/// Holds calls to the parameters of their functions. A call that is required is held from where the prompt begins it; one that the model begins, when a function is strict, from
/// its mark on: the text before is any that does not have the mark, which is a grammar too.
/// </summary>
internal static class ToolGrammar
{
    private const string Reply = "reply";

    /// <param name="answer">What an answer that is no call is held to; null when it may be any.</param>
    /// <param name="grammar">Null when nothing is held.</param>
    public static OpenAIError? Write(ToolUse use, AnswerGrammar? answer, out AnswerGrammar? grammar)
    {
        grammar = answer;
        if (use.Tools is null || (!use.IsRequired && answer is null && !use.Functions.Any(function => function.IsStrict)))
        {
            return null;
        }

        if (answer?.IsRaw == true)
        {
            return OpenAIError.Unsupported(answer.Field, " together with 'tools'");
        }

        var written = new StringBuilder();
        for (var i = 0; i < use.Functions.Count; i++)
        {
            var field = $"tools[{i}].function.parameters";
            if (WriteParameters(written, use.Functions[i], $"call-{i}", field, use.IsRequired) is { } refusal)
            {
                return refusal;
            }
        }

        // A call, from behind its mark; from behind "name":; and from behind the one name that is allowed.
        var names = use.Functions.Select((function, index) => $"{Key(function.Name)} \",\" ws {Key("arguments")} \":\" ws call-{index}");
        Append(written, "call", $"ws \"{{\" ws {Key("name")} \":\" call-named");
        Append(written, "call-named", $"ws ({string.Join(" | ", names)}) call-end");
        Append(written, "call-end", $"ws \"}}\" ws {GbnfText.Literal(HermesFormat.End)}");
        Append(written, "calls", use.IsSingle ? "\"\"" : $"([ \\n\\t]{{0,4}} {GbnfText.Literal(HermesFormat.Begin)} call)*");
        if (use.IsRequired)
        {
            var only = use.Functions.Select(function => function.Name).ToList().IndexOf(use.RequiredName ?? "");
            Append(written, Reply, only < 0 ? "call-named calls" : $"ws call-{only} call-end calls");
        }
        else if (answer is not null)
        {
            written.Append(answer.Text);
            Append(written, Reply, $"{answer.Top} | {GbnfText.Literal(HermesFormat.Begin)} call calls");
        }
        else
        {
            WriteText(written);
        }

        grammar = new AnswerGrammar("tools", written.ToString(), IsRaw: false) { Top = Reply };
        return null;
    }

    private static OpenAIError? WriteParameters(StringBuilder written, ToolFunction function, string rule, string field, bool isRequired)
    {
        if (function.Parameters is not { } schema)
        {
            Append(written, rule, "\"{\" ws \"}\"");
            return null;
        }

        if (!function.IsStrict && !isRequired)
        {
            Append(written, rule, "any-object");
            return null;
        }

        try
        {
            // Arguments are an object, whatever else the schema says.
            var isObject = RequestValues.Find(schema, "type") is not null || RequestValues.Find(schema, "properties") is not null;
            written.Append(isObject ? SchemaGrammar.Write(schema, rule) : $"{rule} ::= any-object\n");
            return null;
        }
        catch (SchemaException fault) when (function.IsStrict)
        {
            return OpenAIError.Invalid($"Calls of '{function.Name}' cannot be held to '{field}', which 'strict' asks for: at {fault.Message}.", field, "invalid_schema");
        }
        catch (SchemaException)
        {
            // Not strict: as far as can be.
            Append(written, rule, "any-object");
            return null;
        }
    }

    /// <summary>Any text in which each mark is followed by a call. A rule for each beginning of the mark that the text may end with.</summary>
    private static void WriteText(StringBuilder written)
    {
        const string Mark = HermesFormat.Begin;
        Append(written, Reply, "text-0");
        for (var length = 0; length < Mark.Length; length++)
        {
            var alternatives = new List<string> { "\"\"" };
            var continued = new HashSet<char>();
            for (var next = length; next >= 0; next--)
            {
                // With the character that would go on from a shorter beginning, the text ends with that one.
                var isBeginning = Mark.AsSpan(0, length).EndsWith(Mark.AsSpan(0, next), StringComparison.Ordinal);
                if (isBeginning && continued.Add(Mark[next]))
                {
                    var goesTo = next + 1 == Mark.Length ? "call text-0" : $"text-{next + 1}";
                    alternatives.Add($"{GbnfText.Literal(Mark[next].ToString())} {goesTo}");
                }
            }

            alternatives.Add($"[^{string.Concat(continued)}] text-0");
            Append(written, $"text-{length}", string.Join(" | ", alternatives));
        }
    }

    private static string Key(string text) => GbnfText.Json(text);

    private static void Append(StringBuilder written, string rule, string alternatives) => written.Append(CultureInfo.InvariantCulture, $"{rule} ::= {alternatives}\n");
}
