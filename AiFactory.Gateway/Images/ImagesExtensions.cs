using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Storage;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Gateway.Images;

internal static class ImagesExtensions
{
    /// <param name="enabled">Whether images can be kept; the bytes themselves are answered without.</param>
    public static IServiceCollection AddImages(this IServiceCollection services, bool enabled)
    {
        services.AddOptionsWithValidateOnStart<ImageOptions>().BindConfiguration(ImageOptions.Section).ValidateDataAnnotations();
        services.AddSingleton<ImageHandler>().AddSingleton<ImagePlaces>().AddSingleton<ImageLinks>();
        if (enabled)
        {
            services.AddSingleton<ImageStore>().AddSingleton<ImageVault>().AddHostedService<ImageSweep>();
        }

        return services;
    }

    public static void MapImages(this IEndpointRouteBuilder app)
    {
        var handler = app.ServiceProvider.GetRequiredService<ImageHandler>();
        app.MapPost($"/{Operation.Image.Path}", handler.InvokeAsync).RequirePermission(Permissions.InferenceInvoke).WithMetadata(new ModelRoute()).ShortCircuit();

        // Its signature is what lets one in.
        app.MapGet("/v1/images/{image:guid}.{type}", ServeAsync).AllowAnonymous().ShortCircuit();
    }

    private static async Task ServeAsync(HttpContext context)
    {
        var (services, query) = (context.RequestServices, context.Request.Query);
        if (!Guid.TryParse(context.Request.RouteValues["image"] as string, out var id) || ImageType.Find(context.Request.RouteValues["type"] as string) is not { } type)
        {
            await OpenAIErrorWriter.WriteAsync(context, NotFound);
            return;
        }

        if (services.GetRequiredService<ImageLinks>().Check(id, type, query["expires"], query["signature"]) is { } refused)
        {
            await OpenAIErrorWriter.WriteAsync(context, refused);
            return;
        }

        try
        {
            await using var content = services.GetService<ImageVault>() is { } vault ? await vault.OpenAsync(id, context.RequestAborted) : null;
            if (content is null)
            {
                await OpenAIErrorWriter.WriteAsync(context, NotFound);
                return;
            }

            var response = context.Response;
            response.ContentType = type.Media;
            response.ContentLength = content.Info.Size;
            response.Headers.XContentTypeOptions = "nosniff";
            response.Headers.CacheControl = "private, no-store";
            response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";
            await content.Stream.CopyToAsync(response.Body, context.RequestAborted);
        }
        catch (Exception error) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested && StoredWorkDoor.IsAway(error))
        {
            await OpenAIErrorWriter.WriteAsync(context, StoredWork.Unavailable("The image cannot be read now: the object storage does not answer. Try again shortly."));
        }
    }

    private static OpenAIError NotFound { get; } = OpenAIError.Of(StatusCodes.Status404NotFound, "There is no such image, or not any more.", "invalid_request_error", code: "image_not_found");
}
