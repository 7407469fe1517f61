using AiFactory.Gateway.Infer;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Storage;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Gateway.Jobs;

internal static class JobsExtensions
{
    public static IServiceCollection AddJobs(this IServiceCollection services, bool enabled) =>
        enabled ? services.AddSingleton<JobStore>().AddSingleton<JobService>().AddSingleton<JobHandler>() : services;

    public static void MapJobs(this IEndpointRouteBuilder app)
    {
        var door = app.ServiceProvider.GetRequiredService<StoredWorkDoor>();
        var problems = app.ServiceProvider.GetRequiredService<IProblemDetailsService>();
        var jobs = app.MapGroup("/api/jobs").RequirePermission(Permissions.InferenceInvoke).WithMetadata(new ModelRoute());
        jobs.MapPost("", Open((handler, context, caller) => handler.CreateAsync(context, caller))).ShortCircuit();
        jobs.MapGet("", Open((handler, context, caller) => handler.ListAsync(context, caller))).ShortCircuit();
        jobs.MapGet("/{job}", Open((handler, context, caller) => handler.GetAsync(context, caller))).ShortCircuit();
        jobs.MapGet("/{job}/result", Open((handler, context, caller) => handler.ResultAsync(context, caller))).ShortCircuit();
        jobs.MapDelete("/{job}", Open((handler, context, caller) => handler.DeleteAsync(context, caller))).ShortCircuit();

        RequestDelegate Open(Func<JobHandler, HttpContext, WorkCaller, Task<OpenAIError?>> handle) => door.Open(
            (context, caller) => handle(app.ServiceProvider.GetRequiredService<JobHandler>(), context, caller), (context, error) => InferProblem.WriteAsync(context, problems, error));
    }
}
