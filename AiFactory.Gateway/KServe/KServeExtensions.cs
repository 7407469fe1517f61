using AiFactory.Gateway.OpenAI;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Gateway.KServe;

/// <summary>KServe's Open Inference Protocol, version 2, over REST: https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md</summary>
internal static class KServeExtensions
{
    private static readonly string[] Models = ["/models/{name}", "/models/{name}/versions/{version}"];

    public static IServiceCollection AddKServe(this IServiceCollection services)
    {
        services.AddSingleton<KServeHandler>();
        return services;
    }

    public static void MapKServe(this IEndpointRouteBuilder app)
    {
        var handler = app.ServiceProvider.GetRequiredService<KServeHandler>();

        // Open to all, as /healthz and /readyz are.
        app.MapGet("/v2/health/live", KServeHandler.LiveAsync).AllowAnonymous().ShortCircuit();
        app.MapGet("/v2/health/ready", handler.ReadyAsync).AllowAnonymous().ShortCircuit();

        var routes = app.MapGroup("/v2").RequirePermission(Permissions.InferenceInvoke).WithMetadata(new ModelRoute());
        routes.MapGet("", handler.DescribeAsync).ShortCircuit();
        foreach (var model in Models)
        {
            routes.MapGet(model, handler.DescribeModelAsync).ShortCircuit();
            routes.MapGet($"{model}/ready", handler.ModelReadyAsync).ShortCircuit();
            routes.MapPost($"{model}/infer", handler.InferAsync).ShortCircuit();
        }

        app.Map("/v2/{**rest}", KServeHandler.RefuseAsync).AllowAnonymous().WithOrder(int.MaxValue - 1).ShortCircuit();
    }
}
