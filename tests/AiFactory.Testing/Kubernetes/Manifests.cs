using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace AiFactory.Testing.Kubernetes;

/// <summary>Rendered YAML as JSON, by YAML's own rules of what is a number or a flag.</summary>
public static class Manifests
{
    public static IReadOnlyList<JsonObject> Parse(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return [.. stream.Documents.Select(document => Convert(document.RootNode)).OfType<JsonObject>()];
    }

    /// <summary>The value at a path such as <c>spec.template.metadata</c>.</summary>
    public static JsonNode? At(this JsonNode? node, string path)
        => path.Split('.').Aggregate(node, (current, name) => (current as JsonObject)?[name]);

    public static string Text(this JsonNode? node, string path) => node.At(path)?.ToString() ?? "";

    public static string Kind(this JsonObject manifest) => manifest.Text("kind");

    public static string Name(this JsonObject manifest) => manifest.Text("metadata.name");

    public static string Namespace(this JsonObject manifest) => manifest.Text("metadata.namespace");

    public static IEnumerable<JsonNode> Items(this JsonNode? node) => (node as JsonArray)?.OfType<JsonNode>() ?? [];

    public static IReadOnlyDictionary<string, string> Map(this JsonNode? node)
        => (node as JsonObject)?.ToDictionary(entry => entry.Key, entry => entry.Value?.ToString() ?? "") ?? [];

    /// <summary>The pod of a Deployment, a StatefulSet or a ServingRuntime; null for anything else.</summary>
    public static JsonNode? Pod(this JsonObject manifest) => manifest.Kind() switch
    {
        "Deployment" or "StatefulSet" => manifest.At("spec.template.spec"),
        _ => null,
    };

    private static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Select(entry => KeyValuePair.Create(((YamlScalarNode)entry.Key).Value ?? "", Convert(entry.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Select(Convert)]),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => Plain(scalar.Value ?? ""),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => null,
    };

    private static JsonValue? Plain(string value) => value switch
    {
        "" or "null" or "~" => null,
        "true" => JsonValue.Create(true),
        "false" => JsonValue.Create(false),
        _ when long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        _ when double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) => JsonValue.Create(real),
        _ => JsonValue.Create(value),
    };
}
