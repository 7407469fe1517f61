using System.Text.Json;
using System.Text.Json.Serialization;
using AiFactory.Contracts;
using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.OpenAI;

/// <summary><c>{"object":"list","data":[{"id":"demo-chat","object":"model","created":1763699400,"owned_by":"default"}]}</c></summary>
internal sealed record ModelList(string Object, IReadOnlyList<ModelEntry> Data)
{
    /// <summary>The models that have a replica, for those without one are not there for a client; then the published flows. Of both those that the key may call.</summary>
    public static ModelList From(ProjectRoutes models, IReadOnlyList<ModelEntry> flows, CallerScope? scope) => new(
        "list",
        [
            .. models.All.Where(deployment => deployment.Replicas.Length > 0 && scope?.Lists(deployment.Name, deployment.Route.Task) != false).Select(ModelEntry.From),
            .. flows.Where(flow => scope?.Lists(flow.Id, ModelTasks.Chat) != false),
        ]);
}

/// <param name="OwnedBy">The project.</param>
internal sealed record ModelEntry(string Id, string Object, long Created, string OwnedBy)
{
    public static ModelEntry From(Deployment deployment) => new(deployment.Name, "model", deployment.CreatedAt, deployment.Project);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ModelList))]
internal sealed partial class OpenAIJson : JsonSerializerContext;
