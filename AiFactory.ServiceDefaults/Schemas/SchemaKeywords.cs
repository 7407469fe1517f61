using System.Text.Json;

namespace AiFactory.ServiceDefaults.Schemas;

/// <summary>What each keyword asks of a value. One says nothing of values of another type than its own.</summary>
internal static class SchemaKeywords
{
    private static readonly Dictionary<string, Func<JsonElement, bool>> Types = new(StringComparer.Ordinal)
    {
        ["object"] = value => value.ValueKind == JsonValueKind.Object,
        ["array"] = value => value.ValueKind == JsonValueKind.Array,
        ["string"] = value => value.ValueKind == JsonValueKind.String,
        ["number"] = value => value.ValueKind == JsonValueKind.Number,
        ["integer"] = SchemaNumber.IsInteger,
        ["boolean"] = value => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        ["null"] = value => value.ValueKind == JsonValueKind.Null,
    };

    /// <summary>How each is read.</summary>
    public static IReadOnlyDictionary<string, Action<SchemaPlace>> All { get; } = new Dictionary<string, Action<SchemaPlace>>(StringComparer.Ordinal)
    {
        ["type"] = ReadType,
        ["enum"] = ReadEnum,
        ["const"] = place => place.Add((value, run) => SchemaValue.Equal(value, place.Value, run) ? null : new SchemaFault("is not the one value that it may be")),
        ["$ref"] = ReadReference,
        ["allOf"] = ReadAll,
        ["anyOf"] = place => ReadSome(place, "fits none of its alternatives", count => count > 0),
        ["oneOf"] = place => ReadSome(place, "does not fit exactly one of its alternatives", count => count == 1),
        ["not"] = ReadNot,
        ["if"] = ReadIf,
        ["multipleOf"] = SchemaNumber.ReadMultiple,
        ["minimum"] = place => SchemaNumber.ReadBound(place, order => order >= 0, "is too small"),
        ["exclusiveMinimum"] = place => SchemaNumber.ReadBound(place, order => order > 0, "is too small"),
        ["maximum"] = place => SchemaNumber.ReadBound(place, order => order <= 0, "is too large"),
        ["exclusiveMaximum"] = place => SchemaNumber.ReadBound(place, order => order < 0, "is too large"),
        ["minLength"] = SchemaString.ReadShortest,
        ["maxLength"] = SchemaString.ReadLongest,
        ["pattern"] = SchemaString.ReadPattern,
        ["format"] = SchemaString.ReadFormat,
        ["properties"] = SchemaObject.ReadProperties,
        ["patternProperties"] = SchemaObject.ReadPatterns,
        ["additionalProperties"] = SchemaObject.ReadOthers,
        ["propertyNames"] = SchemaObject.ReadNames,
        ["required"] = SchemaObject.ReadRequired,
        ["minProperties"] = SchemaObject.ReadFewest,
        ["maxProperties"] = SchemaObject.ReadMost,
        ["dependentRequired"] = SchemaObject.ReadDependent,
        ["prefixItems"] = SchemaArray.ReadFirst,
        ["items"] = SchemaArray.ReadItems,
        ["contains"] = SchemaArray.ReadContains,
        ["minItems"] = SchemaArray.ReadFewest,
        ["maxItems"] = SchemaArray.ReadMost,
        ["uniqueItems"] = SchemaArray.ReadUnique,
    };

    private static void ReadType(SchemaPlace place)
    {
        string[] names = place.Value.ValueKind == JsonValueKind.Array ? place.Names() : [place.Text()];
        if (names.Length == 0 || !names.All(Types.ContainsKey))
        {
            throw place.Complain($"it is some of {string.Join(", ", Types.Keys)}");
        }

        var types = Array.ConvertAll(names, name => Types[name]);
        var words = $"is no {string.Join(" or ", names)}";
        place.Add((value, _) => Array.Exists(types, isOf => isOf(value)) ? null : new SchemaFault(words));
    }

    private static void ReadEnum(SchemaPlace place)
    {
        if (place.Value.ValueKind != JsonValueKind.Array || place.Value.GetArrayLength() == 0)
        {
            throw place.Complain("it is a list of values");
        }

        JsonElement[] values = [.. place.Value.EnumerateArray()];
        place.Add((value, run) => Array.Exists(values, one => SchemaValue.Equal(value, one, run)) ? null : new SchemaFault("is none of the values that it may be"));
    }

    private static void ReadReference(SchemaPlace place)
    {
        var other = place.Same(place.Reader.Resolve(place.Text(), place.KeywordPath));
        place.Add(other.Check);
    }

    private static void ReadAll(SchemaPlace place)
    {
        foreach (var part in place.SameOfList())
        {
            place.Add(part.Check);
        }
    }

    private static void ReadSome(SchemaPlace place, string words, Predicate<int> fits)
    {
        var parts = place.SameOfList();
        place.Add((value, run) => fits(parts.Count(part => part.Check(value, run) is null)) ? null : new SchemaFault(words));
    }

    private static void ReadNot(SchemaPlace place)
    {
        var part = place.Same(place.Inner());
        place.Add((value, run) => part.Check(value, run) is null ? new SchemaFault("is what it may not be") : null);
    }

    private static void ReadIf(SchemaPlace place)
    {
        var condition = place.Same(place.Inner());
        var then = place.Beside("then") is { } yes ? place.Same(yes.Inner()) : null;
        var otherwise = place.Beside("else") is { } no ? place.Same(no.Inner()) : null;
        place.Add((value, run) => (condition.Check(value, run) is null ? then : otherwise)?.Check(value, run));
    }
}
