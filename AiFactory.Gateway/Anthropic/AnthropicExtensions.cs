using AiFactory.Gateway.OpenAI;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Gateway.Anthropic;

internal static class AnthropicExtensions
{
    public static IServiceCollection AddAnthropic(this IServiceCollection services)
    {
        services.AddSingleton<MessagesHandler>();
        return services;
    }

    public static void MapAnthropic(this IEndpointRouteBuilder app)
    {
        var handler = app.ServiceProvider.GetRequiredService<MessagesHandler>();
        var routes = app.MapGroup("/v1/messages").RequirePermission(Permissions.InferenceInvoke).WithMetadata(new ModelRoute());
        routes.MapPost("", handler.CreateAsync).ShortCircuit();
        routes.MapPost("/count_tokens", handler.CountAsync).ShortCircuit();

        // Other methods and paths, in the words that these clients know.
        app.Map("/v1/messages/{**rest}", RefuseAsync).AllowAnonymous().WithOrder(int.MaxValue - 1).ShortCircuit();
    }

    private static Task RefuseAsync(HttpContext context)
    {
        var (method, path) = (context.Request.Method, context.Request.Path.Value ?? "");
        if (path.TrimEnd('/').ToUpperInvariant() is not ("/V1/MESSAGES" or "/V1/MESSAGES/COUNT_TOKENS"))
        {
            return AnthropicErrorWriter.WriteAsync(context, OpenAIError.UnknownUrl(method, path));
        }

        context.Response.Headers.Allow = HttpMethods.Post;
        return AnthropicErrorWriter.WriteAsync(context, OpenAIError.MethodNotSupported(method, path));
    }
}
