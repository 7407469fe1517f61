using System.Text.Json;
using AiFactory.Contracts;
using AiFactory.Contracts.Library;
using AiFactory.Contracts.Routing;
using AiFactory.ModelLibrary.Deployments;
using AiFactory.ServiceDefaults.Upstreams;

namespace AiFactory.ModelLibrary.Upstreams;

internal static class UpstreamMapping
{
    /// <summary>What models of such a service can do through the gateway.</summary>
    internal static IReadOnlyList<string> TasksOf(string kind) => kind switch
    {
        UpstreamKinds.Anthropic => [ModelTasks.Chat],
        UpstreamKinds.AzureOpenAI => [ModelTasks.Chat, ModelTasks.Embedding, ModelTasks.Image],
        _ => [ModelTasks.Chat, ModelTasks.Embedding, ModelTasks.Rerank, ModelTasks.Moderation, ModelTasks.Image],
    };

    internal static string TaskOf(UpstreamModel model) => model.Task ?? ModelTasks.Chat;

    internal static UpstreamModelRow ToRow(UpstreamModel model, UpstreamRow upstream, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        UpstreamId = upstream.Id,
        Project = upstream.Project,
        Name = model.Name,
        Model = model.Model,
        Task = TaskOf(model),
        ContextLength = model.ContextLength,
        Visibility = model.Visibility ?? DeploymentValidation.ProjectVisibility,
        Traffic = DeploymentTraffic.ToJson(model.Traffic),
        Cache = DeploymentCache.ToJson(model.Cache),
        CreatedAt = now,
    };

    internal static string HeadersToJson(IReadOnlyDictionary<string, string>? headers) =>
        JsonSerializer.Serialize(headers ?? new Dictionary<string, string>(), JsonSerializerOptions.Web);

    /// <summary>By name, for two snapshots that say the same are the same text.</summary>
    internal static SortedDictionary<string, string> Headers(UpstreamRow row) =>
        JsonSerializer.Deserialize<SortedDictionary<string, string>>(row.Headers, JsonSerializerOptions.Web) ?? [];

    internal static UpstreamResponse ToResponse(UpstreamRow row, IEnumerable<UpstreamModelRow> models, ShownHeaders shown, string? message) => new(
        row.Id,
        row.Project,
        row.Name,
        row.Kind,
        row.BaseUrl,
        [.. models.Select(ToModel)],
        row.Enabled,
        row.Revision,
        row.CreatedBy,
        row.CreatedAt,
        row.UpdatedBy,
        row.UpdatedAt)
    {
        Headers = shown.Of(row),
        ApiVersion = row.ApiVersion,
        Credential = row is { CredentialSetBy: { } by, CredentialSetAt: { } at } ? new UpstreamCredential(row.CredentialEnd, by, at) : null,
        Message = message,
    };

    /// <summary>What the audit keeps: all but the credential, of which it keeps whose and since when it is.</summary>
    internal static object ToAudit(UpstreamRow row, IEnumerable<UpstreamModelRow> models, ShownHeaders shown) => new
    {
        row.Name,
        row.Kind,
        row.BaseUrl,
        row.ApiVersion,
        Headers = shown.Of(row),
        row.Enabled,
        row.Revision,
        CredentialEndsWith = row.CredentialEnd,
        row.CredentialSetBy,
        row.CredentialSetAt,
        Models = models.Select(ToModel).ToList(),
    };

    /// <summary>As gateways know it: a deployment whose one replica is the service. Its version is the upstream's revision, so that records tell which set-up answered.</summary>
    internal static DeploymentRoute ToRoute(UpstreamRow row, UpstreamModelRow model) => new(
        model.Id,
        model.Project,
        model.Name,
        model.Visibility,
        model.Task,
        model.Model,
        row.Revision,
        "",
        model.ContextLength ?? 0,
        model.CreatedAt,
        [new ReplicaRoute($"upstream/{row.Name}", row.BaseUrl)],
        External: true,
        Traffic: DeploymentTraffic.Read(model.Traffic))
    {
        Cache = DeploymentCache.Read(model.Cache),
        Upstream = new UpstreamRoute(row.Id, row.Name, row.Kind, model.Model)
        {
            Credential = row.Credential,
            Headers = Headers(row) is { Count: > 0 } headers ? headers : null,
            ApiVersion = row.ApiVersion,
            Local = UpstreamConnector.IsLocal(new Uri(row.BaseUrl)),
        },
    };

    private static UpstreamModel ToModel(UpstreamModelRow row) => new(row.Name, row.Model)
    {
        Task = row.Task,
        ContextLength = row.ContextLength,
        Visibility = row.Visibility,
        Traffic = DeploymentTraffic.Read(row.Traffic),
        Cache = DeploymentCache.Read(row.Cache),
    };
}
