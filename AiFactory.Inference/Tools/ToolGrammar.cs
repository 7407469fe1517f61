using System.Globalization;
using System.Text;
using AiFactory.Inference.Generations;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Schemas;
using AiFactory.Inference.Tools.Formats;

namespace AiFactory.Inference.Tools;

/// <summary>
/// Writes what calls are held to: the names of the functions, and their parameters. A call that is required is held from where the prompt begins it; one that the model begins from behind its mark.
/// </summary>
internal static class ToolGrammar
{
    private const string Reply = "reply";

    /// <summary>What is written before a function that is not strict is held to any arguments: the grammar as a whole has its limit.</summary>
    private const int MostCharacters = 200_000;

    /// <param name="answer">What an answer that is no call is held to; null when it may be any.</param>
    /// <param name="onlyStrict">Whether only strict functions are held to their parameters.</param>
    /// <param name="work">What all their schemas may cost.</param>
    /// <param name="grammar">Of the whole answer when the call is required or the answer held; else of one call: with one of the format's rules on top.</param>
    public static OpenAIError? Write(CallFormat format, ToolUse use, AnswerGrammar? answer, bool onlyStrict, SchemaWork work, out AnswerGrammar grammar)
    {
        var written = new StringBuilder();
        grammar = new AnswerGrammar("tools", "", IsRaw: false);

        // Strict ones first: others may not use up what is left.
        foreach (var (index, function) in use.Functions.Index().OrderByDescending(pair => pair.Item.IsStrict))
        {
            if (WriteParameters(format, written, function, index, onlyStrict, work) is { } refusal)
            {
                return refusal;
            }
        }

        format.Write(written, use);
        if (answer is not null)
        {
            // Any way to begin a call, and the call.
            written.Append(answer.Text);
            var outer = format.Outer.Length == 0 ? "" : $"({GbnfText.Literal(format.Outer)} ws)?";
            var begun = format.Held.Append(format.HeldAtStart ?? format.Held[0]).Distinct();
            Append(written, Reply, $"{answer.Top} | {string.Join(" | ", begun.Select(held => $"ws {outer} {GbnfText.Literal(held.Mark)} {held.Rule}{(format.Next is null ? " calls" : "")}"))}");
        }

        var top = use.IsRequired ? format.RequiredRule(use) : answer is not null ? Reply : "call";
        grammar = new AnswerGrammar("tools", written.ToString(), IsRaw: false) { Top = use is { ThinksFirst: true, IsRequired: true } ? $"{GbnfText.Literal(use.Begun)} {top}" : top };
        return null;
    }

    private static OpenAIError? WriteParameters(CallFormat format, StringBuilder written, ToolFunction function, int index, bool onlyStrict, SchemaWork work)
    {
        var (rule, field) = ($"call-{index}", $"tools[{index}].function.parameters");
        if (function.Parameters is not { } schema)
        {
            Append(written, rule, format.NoParameters);
            return null;
        }

        // Arguments are an object, whatever else the schema says.
        var isObject = RequestValues.Find(schema, "type") is { } type ? RequestValues.Text(type) == "object" : RequestValues.Find(schema, "properties") is not null;
        var isLeft = onlyStrict || written.Length + schema.GetRawText().Length > MostCharacters;
        if (!function.IsStrict && (!isObject || isLeft))
        {
            Append(written, rule, format.AnyParameters);
            return null;
        }

        try
        {
            var own = new StringBuilder();
            format.WriteParameters(own, function, schema, rule, work);
            written.Append(function.IsStrict || written.Length + own.Length < MostCharacters ? own.ToString() : $"{rule} ::= {format.AnyParameters}\n");
            return null;
        }
        catch (SchemaException fault) when (function.IsStrict)
        {
            return OpenAIError.Invalid($"Calls of '{function.Name}' cannot be held to '{field}', which 'strict' asks for: at {fault.Message}.", field, "invalid_schema");
        }
        catch (SchemaException)
        {
            // Not strict: as far as can be.
            Append(written, rule, format.AnyParameters);
            return null;
        }
    }

    private static void Append(StringBuilder written, string rule, string alternatives) => written.Append(CultureInfo.InvariantCulture, $"{rule} ::= {alternatives}\n");
}
