namespace AiFactory.ServiceDefaults.Schemas;

/// <summary>A schema that values cannot be held to.</summary>
/// <param name="path">Where in the schema, as a JSON pointer.</param>
internal sealed class SchemaException(string path, string message) : Exception($"At '{path}': {message}.");
