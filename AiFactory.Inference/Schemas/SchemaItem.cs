using System.Text.Json;

namespace AiFactory.Inference.Schemas;

internal enum SchemaItemKind
{
    /// <summary>A schema as it stands.</summary>
    Whole,

    /// <summary>A schema without the keywords that bring in others: those are items of their own.</summary>
    Bare,

    /// <summary>The array of an <c>anyOf</c>.</summary>
    AnyOf,

    /// <summary>The array of a <c>oneOf</c>.</summary>
    OneOf,
}

/// <summary>One of the conditions that a value meets at the same time.</summary>
/// <param name="Path">Its place in the schema, which it is known by.</param>
internal sealed record SchemaItem(SchemaItemKind Kind, JsonElement Element, string Path)
{
    public string Key => $"{(int)Kind}{Path}";
}
