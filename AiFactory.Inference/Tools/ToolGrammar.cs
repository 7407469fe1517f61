using System.Globalization;
using System.Text;
using AiFactory.Inference.Generations;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Schemas;

namespace AiFactory.Inference.Tools;

/// <summary>
/// Writes what calls are held to: the names of the functions, and their parameters. A call that is required is held from where the prompt begins it; one that the model begins from behind its mark.
/// </summary>
internal static class ToolGrammar
{
    private const string Reply = "reply";
    private const string AnyObject = "any-object";

    /// <summary>What is written before a function that is not strict is held to any object: the grammar as a whole has its limit.</summary>
    private const int MostCharacters = 200_000;

    /// <param name="answer">What an answer that is no call is held to; null when it may be any.</param>
    /// <param name="onlyStrict">Whether only strict functions are held to their parameters, and others to objects.</param>
    /// <param name="grammar">Of the whole answer when the call is required or the answer held; else of one call: with one of the format's rules on top.</param>
    public static OpenAIError? Write(ToolUse use, AnswerGrammar? answer, bool onlyStrict, CancellationToken cancellationToken, out AnswerGrammar grammar)
    {
        var written = new StringBuilder();
        grammar = new AnswerGrammar("tools", "", IsRaw: false);
        for (var i = 0; i < use.Functions.Count; i++)
        {
            if (WriteParameters(written, use.Functions[i], i, onlyStrict, cancellationToken) is { } refusal)
            {
                return refusal;
            }
        }

        use.Format.Write(written, use);
        if (answer is not null)
        {
            // Any way to begin a call, and the call.
            written.Append(answer.Text);
            var begun = use.Format.Held.Append(use.Format.HeldAtStart ?? use.Format.Held[0]).Distinct();
            Append(written, Reply, $"{answer.Top} | {string.Join(" | ", begun.Select(held => $"{GbnfText.Literal(held.Mark)} {held.Rule}{(use.Format.Next is null ? " calls" : "")}"))}");
        }

        grammar = new AnswerGrammar("tools", written.ToString(), IsRaw: false) { Top = use.IsRequired ? use.Format.RequiredRule(use) : answer is not null ? Reply : "call" };
        return null;
    }

    private static OpenAIError? WriteParameters(StringBuilder written, ToolFunction function, int index, bool onlyStrict, CancellationToken cancellationToken)
    {
        var (rule, field) = ($"call-{index}", $"tools[{index}].function.parameters");
        if (function.Parameters is not { } schema)
        {
            Append(written, rule, "\"{\" ws \"}\"");
            return null;
        }

        // Arguments are an object, whatever else the schema says.
        var isObject = RequestValues.Find(schema, "type") is { } type ? function.IsStrict || RequestValues.Text(type) == "object" : RequestValues.Find(schema, "properties") is not null;
        var isLeft = onlyStrict || written.Length + schema.GetRawText().Length > MostCharacters;
        if (!isObject || (isLeft && !function.IsStrict))
        {
            Append(written, rule, AnyObject);
            return null;
        }

        try
        {
            var own = SchemaGrammar.Write(schema, rule, cancellationToken);
            written.Append(function.IsStrict || written.Length + own.Length < MostCharacters ? own : $"{rule} ::= {AnyObject}\n");
            return null;
        }
        catch (SchemaException fault) when (function.IsStrict)
        {
            return OpenAIError.Invalid($"Calls of '{function.Name}' cannot be held to '{field}', which 'strict' asks for: at {fault.Message}.", field, "invalid_schema");
        }
        catch (SchemaException)
        {
            // Not strict: as far as can be.
            Append(written, rule, AnyObject);
            return null;
        }
    }

    private static void Append(StringBuilder written, string rule, string alternatives) => written.Append(CultureInfo.InvariantCulture, $"{rule} ::= {alternatives}\n");
}
