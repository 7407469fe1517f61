using AiFactory.Gateway.OpenAI;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Gateway.Infer;

internal static class InferExtensions
{
    public static IServiceCollection AddInfer(this IServiceCollection services)
    {
        services.AddSingleton<InferHandler>();
        return services;
    }

    public static void MapInfer(this IEndpointRouteBuilder app)
    {
        var handler = app.ServiceProvider.GetRequiredService<InferHandler>();
        app.MapPost("/api/infer", handler.InvokeAsync).RequirePermission(Permissions.InferenceInvoke).WithMetadata(new ModelRoute()).ShortCircuit();
    }
}
