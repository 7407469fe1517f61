using System.Text;

namespace AiFactory.AppHost.Kubernetes;

/// <summary>values.yaml: what an installation may choose, with the model's own choices as defaults.</summary>
internal static class ChartValues
{
    private const int Port = 8080;

    public static string Text(Factory factory, PublishedValues published) => Template.Fill("values.yaml",
        ("secrets", Secrets(factory)),
        ("usernames", string.Join('\n', factory.Databases.Select(database => $"    {database.Login}: {database.Name}"))),
        ("project", Factory.Project),
        ("models", string.Concat(factory.Models.Select(model => Template.Fill("values-model.yaml", ("name", model.Name)))).TrimEnd()),
        ("services", string.Concat(factory.Services.OrderBy(service => service.Name, StringComparer.Ordinal).Select(Service)).TrimEnd()),
        ("config", Config(published).TrimEnd()));

    public static IEnumerable<string> SecretNames(Factory factory) =>
        factory.Services.SelectMany(service => service.Secrets).Select(secret => secret.Secret).Distinct().Order(StringComparer.Ordinal);

    private static string Secrets(Factory factory)
    {
        var text = new StringBuilder();
        foreach (var keys in factory.Services.SelectMany(service => service.Secrets).Distinct().GroupBy(secret => secret.Secret).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            text.Append("  ").Append(keys.Key).Append(":\n    existingSecret: \"\"\n");
            foreach (var key in keys.OrderBy(key => key.KeyValue, StringComparer.Ordinal))
            {
                text.Append("    ").Append(key.KeyValue).Append(": ").Append(key.Key).Append('\n');
            }
        }

        return text.ToString().TrimEnd();
    }

    private static string Service(FactoryService service) => Template.Fill("values-service.yaml",
        ("section", service.Section),
        ("image", service.Image),
        ("replicas", $"{Math.Max(service.Layout.Replicas, service.Resource.GetReplicaCount())}"),
        ("port", $"{Port}"),
        ("cpu", service.Layout.Cpu.All(char.IsAsciiDigit) ? $"\"{service.Layout.Cpu}\"" : service.Layout.Cpu),
        ("memory", service.Layout.Memory),
        ("memoryLimit", service.Layout.MemoryLimit),
        ("storage", service.Layout.Keeps ? $"  storage:\n    size: {service.Layout.State}\n" : ""));

    private static string Config(PublishedValues published)
    {
        var text = new StringBuilder();
        foreach (var (service, settings) in published.Config)
        {
            text.Append("  ").Append(service).Append(":\n");
            foreach (var (name, value) in settings)
            {
                text.Append("    ").Append(name).Append(": ").Append(value).Append('\n');
            }
        }

        return text.ToString();
    }
}
