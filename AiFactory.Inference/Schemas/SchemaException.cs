namespace AiFactory.Inference.Schemas;

/// <summary>A schema that answers cannot be held to.</summary>
/// <param name="path">Where, as a JSON pointer: <c>#/properties/city/pattern</c>.</param>
internal sealed class SchemaException(string path, string fault) : Exception($"{path}: {fault}")
{
    public string Fault { get; } = fault;

    public string Path { get; } = path;
}
