using System.Text.Json;
using System.Text.RegularExpressions;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Schemas;

namespace AiFactory.Inference.Generations;

/// <summary>Reads what a request says that its answer looks like: OpenAI's <c>response_format</c>, llama-server's <c>grammar</c>, vLLM's <c>guided_*</c> and <c>structured_outputs</c>. One of them.</summary>
internal static partial class AnswerGrammarReader
{
    private const int MostChoices = 1_000;

    private delegate OpenAIError? Reader(JsonElement value, string field, CancellationToken cancellationToken, out AnswerGrammar? grammar);

    /// <summary>By their names in <c>structured_outputs</c>.</summary>
    private static readonly Dictionary<string, Reader> Structured = new()
    {
        ["json"] = ReadSchemaOrText,
        ["grammar"] = ReadGrammar,
        ["regex"] = ReadPattern,
        ["choice"] = ReadChoice,
        ["json_object"] = ReadAnyObject,
    };

    public static OpenAIError? Read(GenerationParameters request, CancellationToken cancellationToken, out AnswerGrammar? grammar)
    {
        grammar = null;
        var asked = new (JsonElement? Value, string Field, Reader Read)[]
        {
            (request.ResponseFormat, "response_format", ReadFormat),
            (request.Grammar, "grammar", ReadGrammar),
            (request.GuidedJson, "guided_json", ReadSchemaOrText),
            (request.GuidedGrammar, "guided_grammar", ReadGrammar),
            (request.GuidedRegex, "guided_regex", ReadPattern),
            (request.GuidedChoice, "guided_choice", ReadChoice),
            (request.StructuredOutputs, "structured_outputs", ReadStructured),
        };
        foreach (var (value, field, read) in asked)
        {
            if (value is not { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } given)
            {
                continue;
            }

            if (read(given, field, cancellationToken, out var found) is { } refusal)
            {
                return refusal;
            }

            if (found is not null && grammar is not null)
            {
                return OpenAIError.Invalid($"An answer is held to one of '{grammar.Field}' and '{field}', not to both.", field);
            }

            grammar = found ?? grammar;
        }

        return null;
    }

    private static OpenAIError? ReadFormat(JsonElement value, string field, CancellationToken cancellationToken, out AnswerGrammar? grammar)
    {
        grammar = null;
        switch (RequestValues.FindText(value, "type"))
        {
            case "text":
                return null;
            case "json_object":
                // llama-server takes a schema here.
                return RequestValues.Find(value, "schema") is { ValueKind: JsonValueKind.Object } own ? ReadSchema(own, $"{field}.schema", cancellationToken, out grammar) : ReadAnyObject(value, field, cancellationToken, out grammar);
            case "json_schema":
                if (RequestValues.Find(value, "json_schema") is not { ValueKind: JsonValueKind.Object } named)
                {
                    return OpenAIError.Invalid("A response format of type 'json_schema' has an object 'json_schema'.", $"{field}.json_schema");
                }

                return RequestValues.Find(named, "name") is { } name && (RequestValues.Text(name) is not { } text || !Name().IsMatch(text))
                        ? OpenAIError.Invalid("The 'name' of a schema has 1 to 64 letters, digits, underscores and hyphens.", $"{field}.json_schema.name")
                    : RequestValues.Find(named, "schema") is { } schema ? ReadSchema(schema, $"{field}.json_schema.schema", cancellationToken, out grammar)
                    : OpenAIError.Invalid("A 'json_schema' has a 'schema'.", $"{field}.json_schema.schema");
            default:
                return OpenAIError.Invalid("A response format is an object whose 'type' is 'text', 'json_object' or 'json_schema'.", $"{field}.type");
        }
    }

    private static OpenAIError? ReadStructured(JsonElement value, string field, CancellationToken cancellationToken, out AnswerGrammar? grammar)
    {
        grammar = null;
        foreach (var (name, read) in Structured)
        {
            if (RequestValues.Find(value, name) is { ValueKind: not (JsonValueKind.Null or JsonValueKind.False) } given)
            {
                return read(given, $"{field}.{name}", cancellationToken, out grammar);
            }
        }

        return OpenAIError.Invalid($"'{field}' is an object with one of {string.Join(", ", Structured.Keys)}.", field);
    }

    private static OpenAIError? ReadAnyObject(JsonElement value, string field, CancellationToken cancellationToken, out AnswerGrammar? grammar)
    {
        grammar = new AnswerGrammar(field, $"{AnswerGrammar.Rule} ::= any-object\n", IsRaw: false);
        return null;
    }

    private static OpenAIError? ReadGrammar(JsonElement value, string field, CancellationToken cancellationToken, out AnswerGrammar? grammar)
    {
        grammar = null;
        if (RequestValues.Text(value) is not { } text)
        {
            return OpenAIError.Invalid($"'{field}' is a grammar in GBNF: a string.", field);
        }

        grammar = text.Length == 0 ? null : new AnswerGrammar(field, text, IsRaw: true);
        return null;
    }

    /// <summary>A schema, or one in a text.</summary>
    private static OpenAIError? ReadSchemaOrText(JsonElement value, string field, CancellationToken cancellationToken, out AnswerGrammar? grammar)
    {
        grammar = null;
        if (value.ValueKind != JsonValueKind.String)
        {
            return ReadSchema(value, field, cancellationToken, out grammar);
        }

        try
        {
            using var document = JsonDocument.Parse(RequestValues.Text(value) ?? "");
            return ReadSchema(document.RootElement, field, cancellationToken, out grammar);
        }
        catch (JsonException)
        {
            return OpenAIError.Invalid($"'{field}' is a JSON schema, or one in a string.", field);
        }
    }

    private static OpenAIError? ReadSchema(JsonElement schema, string field, CancellationToken cancellationToken, out AnswerGrammar? grammar)
    {
        grammar = null;
        try
        {
            grammar = new AnswerGrammar(field, SchemaGrammar.Write(schema, AnswerGrammar.Rule, cancellationToken), IsRaw: false);
            return null;
        }
        catch (SchemaException fault)
        {
            return OpenAIError.Invalid($"An answer cannot be held to '{field}': at {fault.Message}.", field, "invalid_schema");
        }
    }

    private static OpenAIError? ReadPattern(JsonElement value, string field, CancellationToken cancellationToken, out AnswerGrammar? grammar)
    {
        grammar = null;
        if (RequestValues.Text(value) is not { } pattern)
        {
            return OpenAIError.Invalid($"'{field}' is a regular expression: a string.", field);
        }

        try
        {
            grammar = new AnswerGrammar(field, $"{AnswerGrammar.Rule} ::= {PatternGrammar.Read(pattern, "#", isInJson: false, isWhole: true).Gbnf}\n", IsRaw: false);
            return null;
        }
        catch (SchemaException fault)
        {
            return OpenAIError.Invalid($"An answer cannot be held to '{field}': {fault.Fault}.", field, "invalid_regex");
        }
    }

    private static OpenAIError? ReadChoice(JsonElement value, string field, CancellationToken cancellationToken, out AnswerGrammar? grammar)
    {
        grammar = null;
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() is 0 or > MostChoices || value.EnumerateArray().Any(choice => RequestValues.Text(choice) is null or ""))
        {
            return OpenAIError.Invalid($"'{field}' is an array of 1 to {MostChoices} texts.", field);
        }

        var choices = value.EnumerateArray().Select(choice => GbnfText.Literal(RequestValues.Text(choice) ?? ""));
        grammar = new AnswerGrammar(field, $"{AnswerGrammar.Rule} ::= {string.Join(" | ", choices)}\n", IsRaw: false);
        return null;
    }

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
