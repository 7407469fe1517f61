using System.Text.Json;

namespace AiFactory.ServiceDefaults.Schemas;

/// <summary>
/// A JSON schema that values are held to: https://json-schema.org/draft/2020-12/json-schema-validation. What it cannot hold values to is refused with its place, never passed over.
/// The worker's <c>Schemas/</c> makes grammars of schemas, and can look at no value.
/// </summary>
public sealed class JsonSchema
{
    /// <summary>Bytes of JSON.</summary>
    private const int LargestSchema = 32 * 1024;

    /// <summary>Of the values that are looked at.</summary>
    private const int Deepest = 64;

    private readonly SchemaNode _root;

    private JsonSchema(SchemaNode root) => _root = root;

    /// <param name="complaint">What is wrong with it, and where; null when nothing is.</param>
    public static JsonSchema? Parse(JsonElement schema, out string? complaint)
    {
        complaint = null;
        if (schema.ValueKind == JsonValueKind.Undefined || schema.GetRawText().Length > LargestSchema)
        {
            complaint = $"A schema has at most {LargestSchema} characters.";
            return null;
        }

        try
        {
            return new JsonSchema(new SchemaReader(schema.Clone()).Read());
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
    /// <param name="json">UTF-8.</param>
    /// <exception cref="TimeoutException">It takes longer than any look should.</exception>
    public string? Fault(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = Deepest });
            return _root.Check(document.RootElement, new SchemaRun())?.ToString();
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // The second: half a character, which the reader takes and nobody can read.
            return "$ is no JSON";
        }
    }
}
