using System.Text.Json;
using AiFactory.Inference.Grammars;

namespace AiFactory.Inference.Schemas;

/// <summary>What several conditions ask of a value together: their keywords, merged where they can be.</summary>
internal sealed class SchemaShape
{
    private static readonly Dictionary<string, SchemaTypes> TypeNames = new()
    {
        ["null"] = SchemaTypes.Null,
        ["boolean"] = SchemaTypes.Boolean,
        ["integer"] = SchemaTypes.Integer,
        ["number"] = SchemaTypes.Number,
        ["string"] = SchemaTypes.String,
        ["array"] = SchemaTypes.Array,
        ["object"] = SchemaTypes.Object,
    };

    /// <summary>A keyword that asks something of values of one type only: where no type is named, those of its type are what is meant.</summary>
    private static readonly Dictionary<string, SchemaTypes> TypedKeywords = new()
    {
        ["properties"] = SchemaTypes.Object, ["required"] = SchemaTypes.Object, ["additionalProperties"] = SchemaTypes.Object, ["patternProperties"] = SchemaTypes.Object,
        ["propertyNames"] = SchemaTypes.Object, ["minProperties"] = SchemaTypes.Object, ["maxProperties"] = SchemaTypes.Object,
        ["items"] = SchemaTypes.Array, ["prefixItems"] = SchemaTypes.Array, ["minItems"] = SchemaTypes.Array, ["maxItems"] = SchemaTypes.Array,
        ["minLength"] = SchemaTypes.String, ["maxLength"] = SchemaTypes.String, ["pattern"] = SchemaTypes.String, ["format"] = SchemaTypes.String,
        ["minimum"] = SchemaTypes.Number, ["maximum"] = SchemaTypes.Number, ["exclusiveMinimum"] = SchemaTypes.Number, ["exclusiveMaximum"] = SchemaTypes.Number,
    };

    private static readonly string[] Inexpressible =
    [
        "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "dependencies", "contains", "minContains", "maxContains", "unevaluatedItems",
        "additionalItems", "$dynamicRef", "$recursiveRef",
    ];

    /// <summary>Of a bound, so that reckoning with it stays within what a decimal holds.</summary>
    private const decimal MostOfBound = 1e27m;

    private SchemaTypes _declared = SchemaTypes.All;
    private SchemaTypes _implied;

    /// <param name="items">Bare ones; others are passed over.</param>
    /// <exception cref="SchemaException"/>
    public SchemaShape(IEnumerable<SchemaItem> items)
    {
        foreach (var item in items)
        {
            if (item.Element.ValueKind == JsonValueKind.False)
            {
                _declared = SchemaTypes.None;
            }
            else if (item.Kind == SchemaItemKind.Bare)
            {
                Objects.Add(item);
                Read(item);
            }
        }
    }

    /// <summary>The schemas that were merged.</summary>
    public List<SchemaItem> Objects { get; } = [];

    /// <summary>The types that the schema names, or all.</summary>
    public SchemaTypes Declared => _declared;

    /// <summary>The types that an answer is held to.</summary>
    public SchemaTypes Types => _declared == SchemaTypes.All && _implied != SchemaTypes.None ? _implied : _declared;

    /// <summary>The only values that are allowed; null when there is no list of them.</summary>
    public List<JsonElement>? Values { get; private set; }

    public string Path => Objects.Count > 0 ? Objects[0].Path : "#";

    public static SchemaTypes TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => SchemaTypes.Null,
        JsonValueKind.True or JsonValueKind.False => SchemaTypes.Boolean,
        JsonValueKind.String => SchemaTypes.String,
        JsonValueKind.Array => SchemaTypes.Array,
        JsonValueKind.Object => SchemaTypes.Object,
        _ => value.TryGetDecimal(out var number) && number != decimal.Truncate(number) ? SchemaTypes.Fraction : SchemaTypes.Integer,
    };

    /// <summary>A keyword of each of the schemas that has it.</summary>
    public IEnumerable<(JsonElement Value, string Path)> All(string keyword) => Objects
        .Where(item => item.Element.TryGetProperty(keyword, out _))
        .Select(item => (item.Element.GetProperty(keyword), SchemaSource.Append(item.Path, keyword)));

    /// <summary>The tightest of a limit's numbers.</summary>
    public decimal? Limit(string keyword, bool isLeast)
    {
        decimal? limit = null;
        foreach (var (value, path) in All(keyword))
        {
            if (value.ValueKind != JsonValueKind.Number)
            {
                throw new SchemaException(path, "is a number");
            }

            if (!value.TryGetDecimal(out var number) || Math.Abs(number) > MostOfBound)
            {
                throw new SchemaException(path, "the number is too large to be kept");
            }

            limit = limit is not { } known ? number : isLeast ? Math.Max(known, number) : Math.Min(known, number);
        }

        return limit;
    }

    /// <summary>The tightest of a count, for example of <c>minItems</c>.</summary>
    public int? Count(string keyword, bool isLeast)
    {
        if (Limit(keyword, isLeast) is not { } limit)
        {
            return null;
        }

        return limit >= 0 && limit == decimal.Truncate(limit)
            ? (int)Math.Min(limit, int.MaxValue)
            : throw new SchemaException(All(keyword).First().Path, "is a whole number, 0 or more");
    }

    /// <summary>A count that becomes a repetition of the grammar.</summary>
    public int? Repetitions(string keyword, bool isLeast)
    {
        var count = Count(keyword, isLeast);
        return count is null || count <= GrammarLimits.Default.MostRepetitions ? count
            : throw new SchemaException(All(keyword).First(limit => limit.Value.TryGetDecimal(out var number) && number > GrammarLimits.Default.MostRepetitions).Path, $"is above {GrammarLimits.Default.MostRepetitions}, the most that is counted: ask for less, or leave it out");
    }

    private void Read(SchemaItem item)
    {
        foreach (var keyword in item.Element.EnumerateObject())
        {
            var path = SchemaSource.Append(item.Path, keyword.Name);
            _implied |= TypedKeywords.GetValueOrDefault(keyword.Name);
            switch (keyword.Name)
            {
                case "type":
                    _declared &= ReadTypes(keyword.Value, path);
                    break;
                case "const":
                    Keep([keyword.Value]);
                    break;
                case "enum":
                    Keep(keyword.Value.ValueKind == JsonValueKind.Array && keyword.Value.GetArrayLength() > 0 ? [.. keyword.Value.EnumerateArray()] : throw new SchemaException(path, "is an array of one value or more"));
                    break;
                case "uniqueItems" when keyword.Value.ValueKind == JsonValueKind.True:
                    throw new SchemaException(path, "cannot be held to: whether items differ is not seen while they are written");
                case "multipleOf" when !keyword.Value.TryGetDecimalOrNull(out var factor) || factor != 1:
                    throw new SchemaException(path, "cannot be held to, but for 1");
                case "multipleOf":
                    _declared &= ~SchemaTypes.Fraction;
                    break;
                case "unevaluatedProperties" when keyword.Value.ValueKind != JsonValueKind.False:
                    throw new SchemaException(path, "cannot be held to, but for false");
                case "patternProperties" when keyword.Value.ValueKind == JsonValueKind.Object && !keyword.Value.EnumerateObject().Any():
                    break;
                case var name when Inexpressible.Contains(name):
                    throw new SchemaException(path, $"'{name}' cannot be held to");
            }
        }
    }

    private static SchemaTypes ReadTypes(JsonElement value, string path)
    {
        var names = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : (JsonElement[])[value];
        var types = SchemaTypes.None;
        foreach (var name in names)
        {
            types |= name.ValueKind == JsonValueKind.String && TypeNames.TryGetValue(name.GetString() ?? "", out var type)
                ? type
                : throw new SchemaException(path, $"a type is one of {string.Join(", ", TypeNames.Keys)}");
        }

        return types;
    }

    private void Keep(List<JsonElement> values) => Values = Values is null ? values : [.. Values.Where(values.ToHashSet(JsonValueComparer.Instance).Contains)];
}
