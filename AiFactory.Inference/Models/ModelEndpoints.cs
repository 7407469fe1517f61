using AiFactory.Contracts.OpenAI;
using AiFactory.Contracts.Workers;
using AiFactory.Inference.Adapters;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Serving;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.Inference.Models;

internal static class ModelEndpoints
{
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/models", List);
        // The name of an adapter may have slashes, which some clients escape and some do not.
        routes.MapGet("/models/{**path}", Get);
    }

    private static JsonHttpResult<ModelList> List(HttpContext http, ModelRegistry models, DeployedAdapters adapters) =>
        TypedResults.Json(new ModelList("list", [.. Visible(http, models, adapters)]), OpenAIJson.Default.ModelList);

    private static IResult Get(string path, HttpContext http, ModelRegistry models, DeployedAdapters adapters)
    {
        var name = RouteName.Read(path);
        return Visible(http, models, adapters).FirstOrDefault(model => model.Id == name) is { } found
            ? TypedResults.Json(found, OpenAIJson.Default.ModelEntry)
            : new OpenAIErrorResult(OpenAIError.ModelNotFound(name, adapters.Names(models.Entries, http.GetIdentity())));
    }

    /// <summary>Those that are ready, and those that an operator sent to sleep, each with its adapters behind it.</summary>
    private static IEnumerable<ModelEntry> Visible(HttpContext http, ModelRegistry models, DeployedAdapters adapters) => models.Entries
        .Where(entry => http.GetIdentity().CoversProject(entry.Assignment.Project) && (entry.Model is not null || Rests(entry)))
        .SelectMany(entry => adapters.Of(entry.Assignment.DeploymentId).All.Select(adapter => Entry(entry, adapter)).Prepend(Entry(entry)));

    private static ModelEntry Entry(ModelRegistryEntry entry) =>
        new(entry.Assignment.Deployment, "model", entry.Model?.LoadedAt.ToUnixTimeSeconds() ?? 0, entry.Assignment.Project)
        {
            Status = new ModelEntryStatus(entry.Model is null ? entry.Status.State : ModelEntryStatus.Loaded),
            Root = entry.Assignment.Model,
        };

    private static ModelEntry Entry(ModelRegistryEntry entry, DeployedAdapter adapter) => Entry(entry) with
    {
        Id = adapter.Name,
        Created = adapter.LoadedAt.ToUnixTimeSeconds(),
        Root = adapter.Root.Split('?')[0],
        Parent = entry.Assignment.Deployment,
    };

    private static bool Rests(ModelRegistryEntry entry) => entry.Status.State is WorkerModelStates.Sleeping or WorkerModelStates.Unloaded;
}
