using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AiFactory.Testing.Kubernetes;

/// <summary>Checks manifests as an API server with <c>fieldValidation: Strict</c> does: an unknown field, a null, a wrong type, a value out of bounds is a fault.</summary>
public sealed class SchemaValidator
{
    private const string Metadata = "apis.meta.v1.ObjectMeta";

    private static readonly Dictionary<string, Func<JsonNode, bool>> Formats = new(StringComparer.Ordinal)
    {
        ["int32"] = value => Number(value) is not { } number || number is >= int.MinValue and <= int.MaxValue,
        ["int64"] = value => Number(value) is not { } number || number is >= long.MinValue and <= long.MaxValue,
        ["byte"] = value => Text(value) is not { } text || Convert.TryFromBase64String(text, new byte[text.Length], out _),
        ["date-time"] = value => Text(value) is not { } text || DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _),
    };

    /// <summary>By keyword, whether a value keeps what the schema says there; a keyword says nothing of values that are not of its type.</summary>
    private static readonly Dictionary<string, Func<JsonNode, JsonNode, bool>> Bounds = new(StringComparer.Ordinal)
    {
        ["enum"] = (value, allowed) => allowed.Items().Any(one => JsonNode.DeepEquals(one, value)),
        ["pattern"] = (value, pattern) => Text(value) is not { } text || Regex.IsMatch(text, pattern.ToString()),
        ["minLength"] = (value, bound) => Text(value) is not { } text || text.Length >= Number(bound),
        ["maxLength"] = (value, bound) => Text(value) is not { } text || text.Length <= Number(bound),
        ["minimum"] = (value, bound) => Number(value) is not { } number || number >= Number(bound),
        ["maximum"] = (value, bound) => Number(value) is not { } number || number <= Number(bound),
        ["minItems"] = (value, bound) => value is not JsonArray list || list.Count >= Number(bound),
        ["maxItems"] = (value, bound) => value is not JsonArray list || list.Count <= Number(bound),
        ["minProperties"] = (value, bound) => value is not JsonObject map || map.Count >= Number(bound),
        ["maxProperties"] = (value, bound) => value is not JsonObject map || map.Count <= Number(bound),
        ["propertyNames"] = (value, names) => value is not JsonObject map || map.All(entry => Regex.IsMatch(entry.Key, names.Text("pattern"))),
        ["format"] = (value, format) => !Formats.TryGetValue(format.ToString(), out var holds) || holds(value),
    };

    private readonly Dictionary<string, JsonObject> _schemas = [];
    private readonly Dictionary<string, string> _kinds = [];

    public SchemaValidator()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(RepositoryFolder.Root, "tests", "AiFactory.Testing", "Kubernetes", "Schemas"), "*.json"))
        {
            var document = JsonNode.Parse(File.ReadAllText(file));
            foreach (var (kind, name) in document.At("kinds").Map())
            {
                _kinds[kind] = name;
            }

            foreach (var (name, schema) in (JsonObject)document.At("schemas")!) // each file has both
            {
                _schemas[name] = (JsonObject)schema!; // and no schema is null
            }
        }
    }

    /// <summary>Takes the kind of a CustomResourceDefinition too, in each version that is served.</summary>
    public SchemaValidator With(JsonObject definition)
    {
        foreach (var version in definition.At("spec.versions").Items().Where(version => version.Text("served") == "true"))
        {
            var kind = $"{definition.Text("spec.group")}/{version.Text("name")} {definition.Text("spec.names.kind")}";
            _kinds[kind] = kind;
            _schemas[kind] = (JsonObject)version.At("schema.openAPIV3Schema")!; // a version that is served has one
        }

        return this;
    }

    public IReadOnlyList<string> Faults(JsonObject manifest)
    {
        var faults = new List<string>();
        var kind = $"{manifest.Text("apiVersion")} {manifest.Kind()}";
        if (_kinds.TryGetValue(kind, out var name))
        {
            Check(manifest, _schemas[name], $"{manifest.Kind()}/{manifest.Name()}", faults, isRoot: true);
        }
        else
        {
            faults.Add($"{kind}: there is no such kind");
        }

        return faults;
    }

    private void Check(JsonNode? value, JsonObject schema, string path, List<string> faults, bool isRoot = false)
    {
        if (schema["$ref"] is { } reference)
        {
            Check(value, _schemas[reference.ToString()], path, faults, isRoot);
            return;
        }

        if (value is null)
        {
            faults.Add($"{path}: null");
            return;
        }

        foreach (var (keyword, bound) in schema.Where(entry => Bounds.ContainsKey(entry.Key)).Select(entry => (entry.Key, entry.Value)))
        {
            if (bound is not null && !Bounds[keyword](value, bound))
            {
                faults.Add($"{path}: {value.ToJsonString()} is against {keyword} {bound.ToJsonString()}");
            }
        }

        if (schema["x-kubernetes-int-or-string"] is not null)
        {
            // A fraction is no canonical quantity, and custom resources refuse it.
            Expect(Text(value) is not null || IsWhole(value), path, $"a whole number or a text, not {value.ToJsonString()}", faults);
        }
        else if (value is JsonObject map)
        {
            CheckObject(map, schema, path, faults, isRoot);
        }
        else if (value is JsonArray list)
        {
            Expect(schema.Text("type") == "array", path, schema.Text("type"), faults);
            for (var i = 0; i < list.Count && schema["items"] is JsonObject items; i++)
            {
                Check(list[i], items, $"{path}[{i}]", faults);
            }
        }
        else
        {
            CheckScalar(value, schema, path, faults);
        }
    }

    private void CheckObject(JsonObject map, JsonObject schema, string path, List<string> faults, bool isRoot)
    {
        Expect(schema.Text("type") is "object" or "", path, schema.Text("type"), faults);
        foreach (var required in schema["required"].Items().Where(required => !map.ContainsKey(required.ToString())))
        {
            faults.Add($"{path}: '{required}' is missing");
        }

        if (isRoot)
        {
            Check(map["metadata"], _schemas[Metadata], $"{path}.metadata", faults);
        }

        foreach (var (name, value) in map.Where(entry => !(isRoot && entry.Key is "apiVersion" or "kind" or "metadata")))
        {
            if ((schema["properties"] as JsonObject)?[name] is JsonObject property)
            {
                Check(value, property, $"{path}.{name}", faults);
            }
            else if (schema["additionalProperties"] is JsonObject values)
            {
                Check(value, values, $"{path}.{name}", faults);
            }
            else if (schema["x-kubernetes-preserve-unknown-fields"] is null)
            {
                faults.Add($"{path}: unknown field '{name}'");
            }
        }
    }

    private static void CheckScalar(JsonNode value, JsonObject schema, string path, List<string> faults) => Expect(
        schema.Text("type") switch
        {
            "string" => Text(value) is not null,
            "integer" => IsWhole(value),
            "number" => Number(value) is not null,
            "boolean" => value.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
            _ => false,
        },
        path, $"{schema.Text("type")}, not {value.ToJsonString()}", faults);

    private static string? Text(JsonNode value) => value.GetValueKind() == JsonValueKind.String ? value.ToString() : null;

    private static decimal? Number(JsonNode value) => value.GetValueKind() == JsonValueKind.Number
        ? decimal.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture)
        : null;

    private static bool IsWhole(JsonNode value) => Number(value) is { } number && number == decimal.Truncate(number);

    private static void Expect(bool holds, string path, string expected, List<string> faults)
    {
        if (!holds)
        {
            faults.Add($"{path}: must be {expected}");
        }
    }
}
