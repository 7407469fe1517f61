using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AiFactory.AppHost.Kubernetes;

/// <summary>values.schema.json: Helm refuses values that it does not name, so that a typo is an error and not a default.</summary>
internal static class ChartSchema
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Text(Factory factory, PublishedValues published)
    {
        var schema = JsonNode.Parse(Template.Fill("values.schema.json"))?.AsObject() ?? throw new InvalidOperationException("The schema's template is empty.");
        var properties = schema["properties"]?.AsObject() ?? throw new InvalidOperationException("The schema's template has no properties.");
        foreach (var service in factory.Services.OrderBy(service => service.Name, StringComparer.Ordinal))
        {
            properties[service.Section] = Reference(service.Layout.Keeps ? "storedService" : "service");
        }

        properties["secrets"] = Closed(ChartValues.SecretNames(factory).Select(name => (name, (JsonNode)Reference(name == "objects" ? "objectsSecret" : "secret"))));
        properties["postgres"]!["properties"]!["usernames"] = Closed(factory.Databases.Select(database => (database.Login, (JsonNode)Reference("username")))); // all are in the template
        properties["projects"] = Closed([(Factory.Project, Reference("project"))]);
        properties["serving"]!["properties"]!["models"] = Closed(factory.Models.Select(model => (model.Name, (JsonNode)Reference("model")))); // so are these
        properties["config"] = Closed(published.Config.Select(service => (service.Key, (JsonNode)Closed(service.Value.Keys.Select(setting => (setting, (JsonNode)new JsonObject { ["type"] = "string" }))))));
        return schema.ToJsonString(Indented) + "\n";
    }

    private static JsonObject Reference(string definition) => new() { ["$ref"] = $"#/definitions/{definition}" };

    private static JsonObject Closed(IEnumerable<(string Name, JsonNode Schema)> properties) => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject(properties.Select(property => KeyValuePair.Create(property.Name, (JsonNode?)property.Schema))),
    };
}
