using AiFactory.Contracts.OpenAI;
using AiFactory.Contracts.Workers;
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
        routes.MapGet("/models/{name}", Get);
    }

    private static JsonHttpResult<ModelList> List(HttpContext http, ModelRegistry models) =>
        TypedResults.Json(new ModelList("list", [.. Visible(http, models)]), OpenAIJson.Default.ModelList);

    private static IResult Get(string name, HttpContext http, ModelRegistry models) =>
        Visible(http, models).FirstOrDefault(model => model.Id == name) is { } found ? TypedResults.Json(found, OpenAIJson.Default.ModelEntry) : new OpenAIErrorResult(OpenAIError.ModelNotFound(name));

    /// <summary>Those that are ready, and those that an operator sent to sleep.</summary>
    private static IEnumerable<ModelEntry> Visible(HttpContext http, ModelRegistry models) => models.Entries
        .Where(entry => http.GetIdentity().CoversProject(entry.Assignment.Project) && (entry.Model is not null || Rests(entry)))
        .Select(entry => new ModelEntry(entry.Assignment.Deployment, "model", entry.Model?.LoadedAt.ToUnixTimeSeconds() ?? 0, entry.Assignment.Project)
        {
            Status = new ModelEntryStatus(entry.Model is null ? entry.Status.State : ModelEntryStatus.Loaded),
        });

    private static bool Rests(ModelRegistryEntry entry) => entry.Status.State is WorkerModelStates.Sleeping or WorkerModelStates.Unloaded;
}
