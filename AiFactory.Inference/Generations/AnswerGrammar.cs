using AiFactory.Inference.Grammars;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Schemas;

namespace AiFactory.Inference.Generations;

/// <summary>What a request says that its answer looks like.</summary>
/// <param name="Field">The field that says it.</param>
/// <param name="Text">GBNF: as the client wrote it, or rules of which <see cref="Top"/> is the answer's.</param>
/// <param name="IsRaw">Whether the client wrote it.</param>
internal sealed record AnswerGrammar(string Field, string Text, bool IsRaw)
{
    public const string Rule = "answer";

    public string Top { get; init; } = Rule;

    public OpenAIError? Compile(out Grammar? grammar)
    {
        grammar = null;
        try
        {
            grammar = Grammar.Parse(IsRaw ? Text : $"{Text}root ::= {Top}\n{SchemaGrammar.Common}");
            return null;
        }
        catch (GrammarException fault)
        {
            return IsRaw
                ? OpenAIError.Invalid($"'{Field}' is not a grammar in GBNF: {fault.Message}.", Field, "invalid_grammar")
                : OpenAIError.Invalid($"An answer cannot be held to '{Field}': in the grammar made of it {fault.Fault}.", Field, "invalid_schema");
        }
    }
}
