using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Inference.KServe;

/// <summary>KServe's Open Inference Protocol, version 2, over REST: https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md</summary>
internal static class KServeExtensions
{
    public static void AddKServe(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IProblemDetailsWriter, KServeProblemWriter>();
        builder.Services.AddSingleton<InferenceService>();
    }

    public static void MapKServe(this IEndpointRouteBuilder routes)
    {
        routes.MapServerHealth();
        var group = routes.MapGroup("/v2").RequirePermission(Permissions.InferenceInvoke);
        group.MapServer();
        foreach (var model in new[] { "/models/{name}", "/models/{name}/versions/{version}" })
        {
            group.MapModel(model);
        }
    }
}
