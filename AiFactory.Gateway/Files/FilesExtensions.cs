using AiFactory.Gateway.Files.Uploads;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Storage;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Gateway.Files;

internal static class FilesExtensions
{
    public static IServiceCollection AddFiles(this IServiceCollection services, bool enabled)
    {
        services.AddOptionsWithValidateOnStart<FilesOptions>().BindConfiguration(FilesOptions.Section).ValidateDataAnnotations();
        if (enabled)
        {
            services.AddSingleton<FileStore>().AddSingleton<FileObjects>().AddSingleton<RunningUploads>().AddSingleton<FileService>().AddSingleton<FileHandler>().AddHostedService<FileSweep>();
            services.AddSingleton<UploadStore>().AddSingleton<UploadObjects>().AddSingleton<UploadService>().AddSingleton<UploadHandler>();
        }

        return services;
    }

    public static void MapFiles(this IEndpointRouteBuilder app)
    {
        var door = app.ServiceProvider.GetRequiredService<StoredWorkDoor>();
        var files = app.MapGroup("/v1/files").RequirePermission(Permissions.InferenceInvoke).WithMetadata(new ModelRoute());
        files.MapPost("", Open((handler, context, caller) => handler.UploadAsync(context, caller))).ShortCircuit();
        files.MapGet("", Open((handler, context, caller) => handler.ListAsync(context, caller))).ShortCircuit();
        files.MapGet("/{file}", Open((handler, context, caller) => handler.GetAsync(context, caller))).ShortCircuit();
        files.MapGet("/{file}/content", Open((handler, context, caller) => handler.ContentAsync(context, caller))).ShortCircuit();
        files.MapDelete("/{file}", Open((handler, context, caller) => handler.DeleteAsync(context, caller))).ShortCircuit();

        var uploads = app.MapGroup("/v1/uploads").RequirePermission(Permissions.InferenceInvoke).WithMetadata(new ModelRoute());
        uploads.MapPost("", OpenUploads((handler, context, caller) => handler.CreateAsync(context, caller))).ShortCircuit();
        uploads.MapPost("/{upload}/parts", OpenUploads((handler, context, caller) => handler.AddPartAsync(context, caller))).ShortCircuit();
        uploads.MapPost("/{upload}/complete", OpenUploads((handler, context, caller) => handler.CompleteAsync(context, caller))).ShortCircuit();
        uploads.MapPost("/{upload}/cancel", OpenUploads((handler, context, caller) => handler.CancelAsync(context, caller))).ShortCircuit();

        // Without its storage there is no handler, and the door says what is missing.
        RequestDelegate Open(Func<FileHandler, HttpContext, WorkCaller, Task<OpenAIError?>> handle) =>
            door.Open((context, caller) => handle(app.ServiceProvider.GetRequiredService<FileHandler>(), context, caller), OpenAIErrorWriter.WriteAsync);

        RequestDelegate OpenUploads(Func<UploadHandler, HttpContext, WorkCaller, Task<OpenAIError?>> handle) =>
            door.Open((context, caller) => handle(app.ServiceProvider.GetRequiredService<UploadHandler>(), context, caller), OpenAIErrorWriter.WriteAsync);
    }
}
