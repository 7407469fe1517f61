using System.Text.Json;

namespace AiFactory.Inference.Schemas;

/// <summary>Whether a value that a schema lists meets what else it asks.</summary>
internal static class SchemaValues
{
    private static readonly string[] OfTexts = ["pattern", "format"];
    private static readonly string[] OfObjects = ["properties", "required", "additionalProperties", "patternProperties", "propertyNames", "minProperties", "maxProperties"];
    private static readonly string[] OfArrays = ["items", "prefixItems", "minItems", "maxItems"];

    /// <exception cref="SchemaException">It takes more than a comparison to tell.</exception>
    public static bool Meets(SchemaShape shape, JsonElement value, SchemaTypes type)
    {
        switch (type)
        {
            case SchemaTypes.String:
                RefuseAny(shape, OfTexts);
                var length = value.GetString()?.EnumerateRunes().Count() ?? 0;
                return !(length < shape.Count("minLength", isLeast: true) || length > shape.Count("maxLength", isLeast: false));
            case SchemaTypes.Integer or SchemaTypes.Fraction:
                var number = value.TryGetDecimal(out var read) ? read : throw new SchemaException(shape.Path, "the number is too large to be kept");
                return !(number < shape.Limit("minimum", isLeast: true) || number > shape.Limit("maximum", isLeast: false)
                    || number <= shape.Limit("exclusiveMinimum", isLeast: true) || number >= shape.Limit("exclusiveMaximum", isLeast: false));
            case SchemaTypes.Object:
                RefuseAny(shape, OfObjects);
                return true;
            case SchemaTypes.Array:
                RefuseAny(shape, OfArrays);
                return true;
            default:
                return true;
        }
    }

    private static void RefuseAny(SchemaShape shape, string[] keywords)
    {
        foreach (var (_, path) in keywords.SelectMany(shape.All))
        {
            throw new SchemaException(path, "is not looked at beside enum or const: list only values that meet it");
        }
    }
}
