using System.Text.Json;
using AiFactory.ServiceDefaults.Guardrails;

namespace AiFactory.ServiceDefaults.Schemas;

/// <summary>
/// A JSON schema that values are held to: https://json-schema.org/draft/2020-12/json-schema-validation. What it cannot hold values to is refused with its place, never passed over.
/// The worker's <c>Schemas/</c> makes grammars of schemas, and can look at no value.
/// </summary>
public sealed class JsonSchema
{
    /// <summary>Bytes of JSON.</summary>
    private const int LargestSchema = 32 * 1024;

    private const string NoJson = "$ is no JSON";

    private readonly SchemaNode _root;

    private JsonSchema(SchemaNode root) => _root = root;

    /// <param name="complaint">What is wrong with it, and where; null when nothing is.</param>
    /// <param name="policy">That it is part of.</param>
    public static JsonSchema? Parse(JsonElement schema, out string? complaint, PatternBudget? policy = null)
    {
        complaint = null;
        if (schema.ValueKind == JsonValueKind.Undefined || schema.GetRawText().Length > LargestSchema)
        {
            complaint = $"A schema has at most {LargestSchema} characters.";
            return null;
        }

        try
        {
            return new JsonSchema(new SchemaReader(schema.Clone(), (policy ?? PatternBudget.OfPolicy()).OfSchema()).Read());
        }
        catch (SchemaException fault)
        {
            complaint = fault.Message;
            return null;
        }
        catch (InvalidOperationException)
        {
            complaint = "It has half a character (a surrogate without its other half), which no text can be compared with.";
            return null;
        }
    }

    /// <summary>Why a text is no JSON that fits, as <c>$.items[2].price is no number</c>; null when it is.</summary>
    /// <exception cref="TimeoutException">It takes longer than any look should.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits for it.</exception>
    public string? Fault(SchemaRun text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Root is not { } root)
        {
            return NoJson;
        }

        try
        {
            text.Restart();
            return _root.Check(root, text)?.ToString();
        }
        catch (InvalidOperationException)
        {
            // Half a character, which the reader takes and nobody can read.
            return NoJson;
        }
    }
}
