using AiFactory.Contracts.OpenAI;
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
        TypedResults.Json(new ModelList("list", [.. models.Ready.Where(model => IsVisible(model, http)).Select(ToEntry)]), OpenAIJson.Default.ModelList);

    private static IResult Get(string name, HttpContext http, ModelRegistry models) =>
        models.Ready.FirstOrDefault(model => model.Assignment.Deployment == name && IsVisible(model, http)) is { } found
            ? TypedResults.Json(ToEntry(found), OpenAIJson.Default.ModelEntry)
            : new OpenAIErrorResult(OpenAIError.ModelNotFound(name));

    private static bool IsVisible(ServedModel model, HttpContext http) => http.GetIdentity().CoversProject(model.Assignment.Project);

    private static ModelEntry ToEntry(ServedModel model) =>
        new(model.Assignment.Deployment, "model", model.LoadedAt.ToUnixTimeSeconds(), model.Assignment.Project);
}
