using AiFactory.Gateway.Batches.Running;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Storage;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Gateway.Batches;

internal static class BatchesExtensions
{
    public static IServiceCollection AddBatches(this IServiceCollection services, bool enabled)
    {
        services.AddOptionsWithValidateOnStart<BatchOptions>().BindConfiguration(BatchOptions.Section).ValidateDataAnnotations();
        if (enabled)
        {
            services.AddSingleton<BatchStore>().AddSingleton<BatchProgress>().AddSingleton<BatchService>().AddSingleton<BatchHandler>().AddRunning();
        }

        return services;
    }

    public static void MapBatches(this IEndpointRouteBuilder app)
    {
        var door = app.ServiceProvider.GetRequiredService<StoredWorkDoor>();
        var batches = app.MapGroup("/v1/batches").RequirePermission(Permissions.InferenceInvoke).WithMetadata(new ModelRoute());
        batches.MapPost("", Open((handler, context, caller) => handler.CreateAsync(context, caller))).ShortCircuit();
        batches.MapGet("", Open((handler, context, caller) => handler.ListAsync(context, caller))).ShortCircuit();
        batches.MapGet("/{batch}", Open((handler, context, caller) => handler.GetAsync(context, caller))).ShortCircuit();
        batches.MapPost("/{batch}/cancel", Open((handler, context, caller) => handler.CancelAsync(context, caller))).ShortCircuit();

        RequestDelegate Open(Func<BatchHandler, HttpContext, WorkCaller, Task<OpenAIError?>> handle) =>
            door.Open((context, caller) => handle(app.ServiceProvider.GetRequiredService<BatchHandler>(), context, caller), OpenAIErrorWriter.WriteAsync);
    }
}
