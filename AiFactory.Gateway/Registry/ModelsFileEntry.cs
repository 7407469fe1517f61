using AiFactory.Contracts;
using AiFactory.Gateway.Flows;
using AiFactory.Gateway.OpenAI;
using YamlDotNet.RepresentationModel;

namespace AiFactory.Gateway.Registry;

/// <summary>One entry: <c>name</c> and <c>service</c>; <c>path</c> is <c>/infer</c> unless told; <c>task</c> is needed where the path ends in <c>/v1</c>, for then the service speaks OpenAI's protocol.</summary>
internal static class ModelsFileEntry
{
    private const string OpenAIPath = "v1";

    private static readonly string[] Fields = ["name", "service", "path", "task"];
    private static readonly string[] Tasks = [ModelTasks.Chat, ModelTasks.Embedding, ModelTasks.Rerank, ModelTasks.Moderation, ModelTasks.Image];

    /// <param name="fault">Makes the exception from the place, the field and the complaint.</param>
    public static StaticModel Read(YamlNode node, Func<YamlNode, string?, string, ModelsFileException> fault)
    {
        if (node is not YamlMappingNode map)
        {
            throw fault(node, null, "an entry is an object with name, service and path");
        }

        var values = new Dictionary<string, (string Value, YamlNode Node)>(StringComparer.Ordinal);
        foreach (var (key, value) in map.Children)
        {
            var field = (key as YamlScalarNode)?.Value ?? "";
            if (!Fields.Contains(field))
            {
                throw fault(key, field, $"there is no such field; an entry has {string.Join(", ", Fields)}");
            }

            values[field] = value is YamlScalarNode { Value: { Length: > 0 } text }
                ? (text, value)
                : throw fault(value, field, "it is one text, and not empty");
        }

        var (name, nameNode) = Required("name");
        if (name.Length > RequestHead.LongestModel || name.Any(char.IsControl) || FlowModel.IsNamedBy(name))
        {
            throw fault(nameNode, "name", $"it has at most {RequestHead.LongestModel} characters, none of control, and does not begin with '{FlowModel.Prefix}'");
        }

        var (service, serviceNode) = Required("service");
        var path = values.TryGetValue("path", out var given) ? given.Value : "/infer";
        if (!Uri.TryCreate(service.Contains("://", StringComparison.Ordinal) ? service : $"http://{service}", UriKind.Absolute, out var address)
            || address.Scheme is not ("http" or "https") || address.Host.Length == 0 || address.PathAndQuery != "/" || address.Fragment.Length > 0 || service.Any(char.IsWhiteSpace))
        {
            throw fault(serviceNode, "service", $"'{service}' is no host, as in 'llm.ai-models.svc.cluster.local', 'llm:8080' or 'https://llm:8443'");
        }

        if (address.UserInfo.Length > 0)
        {
            throw fault(serviceNode, "service", "it holds a credential, which does not belong in this file");
        }

        if (!path.StartsWith('/') || path.StartsWith("//", StringComparison.Ordinal) || !Uri.TryCreate(address, path, out var target) || target.Query.Length > 0 || target.Fragment.Length > 0 || target.AbsolutePath != path)
        {
            throw fault(given.Node ?? node, "path", $"'{path}' is no path, as in '/infer' or '/v1'");
        }

        var speaksOpenAI = path.TrimEnd('/').Split('/')[^1] == OpenAIPath;
        var task = values.TryGetValue("task", out var told) ? told.Value : null;
        if (speaksOpenAI ? !Tasks.Contains(task) : task is not null)
        {
            throw fault(told.Node ?? node, "task", speaksOpenAI
                ? $"a service that speaks OpenAI's protocol (path '{path}') says which of {string.Join(", ", Tasks)} its model does"
                : $"it is said only where the path ends in /{OpenAIPath}");
        }

        return speaksOpenAI
            ? new StaticModel(name, new Uri(address, path.TrimEnd('/')[..^OpenAIPath.Length]), null, task ?? ModelTasks.Chat)
            : new StaticModel(name, new Uri(address, "/"), path.TrimStart('/'), StaticModel.InferTask);

        (string Value, YamlNode Node) Required(string field) => values.TryGetValue(field, out var found) ? found : throw fault(node, field, "it is missing");
    }
}
