using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AiFactory.Testing;

namespace AiFactory.Hosting.Tests.Kubernetes;

/// <summary>Checks manifests as an API server with <c>fieldValidation: Strict</c> does: an unknown field, a null, a wrong type is a fault.</summary>
internal sealed class SchemaValidator
{
    private readonly Dictionary<string, JsonObject> _schemas = [];
    private readonly Dictionary<string, string> _kinds = [];

    public SchemaValidator()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(RepositoryFolder.Root, "tests", "AiFactory.Hosting.Tests", "Kubernetes", "Schemas"), "*.json"))
        {
            var document = JsonNode.Parse(File.ReadAllText(file)).ShouldNotBeNull();
            foreach (var (kind, name) in document["kinds"].Map())
            {
                _kinds[kind] = name;
            }

            foreach (var (name, schema) in document["schemas"].ShouldBeOfType<JsonObject>())
            {
                _schemas[name] = schema.ShouldBeOfType<JsonObject>();
            }
        }
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
        }
        else if (schema["x-kubernetes-int-or-string"] is not null)
        {
            Expect(value is JsonValue && value.GetValueKind() is JsonValueKind.String or JsonValueKind.Number, path, "a number or a text", faults);
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

        foreach (var (name, value) in map)
        {
            if ((schema["properties"] as JsonObject)?[name] is JsonObject property)
            {
                Check(value, property, $"{path}.{name}", faults);
            }
            else if (schema["additionalProperties"] is JsonObject values)
            {
                Check(value, values, $"{path}.{name}", faults);
            }
            else if (!(isRoot && name is "apiVersion" or "kind" or "metadata") && schema["x-kubernetes-preserve-unknown-fields"] is null)
            {
                faults.Add($"{path}: unknown field '{name}'");
            }
        }
    }

    private static void CheckScalar(JsonNode value, JsonObject schema, string path, List<string> faults)
    {
        var kind = value.GetValueKind();
        Expect(
            schema.Text("type") switch
            {
                "string" => kind == JsonValueKind.String,
                "integer" => kind == JsonValueKind.Number && value.ToString().All(c => char.IsAsciiDigit(c) || c == '-'),
                "number" => kind == JsonValueKind.Number,
                "boolean" => kind is JsonValueKind.True or JsonValueKind.False,
                _ => false,
            },
            path, $"{schema.Text("type")}, not {value.ToJsonString()}", faults);
        if (schema["enum"] is JsonArray allowed && allowed.All(one => one?.ToString() != value.ToString()))
        {
            faults.Add($"{path}: '{value}' is none of {allowed.ToJsonString()}");
        }

        if (schema["pattern"] is { } pattern && !Regex.IsMatch(value.ToString(), pattern.ToString()))
        {
            faults.Add($"{path}: '{value}' does not match {pattern}");
        }
    }

    private static void Expect(bool holds, string path, string expected, List<string> faults)
    {
        if (!holds)
        {
            faults.Add($"{path}: must be {expected}");
        }
    }
}
