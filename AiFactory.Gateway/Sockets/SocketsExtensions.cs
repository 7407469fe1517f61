using AiFactory.Gateway.OpenAI;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Gateway.Sockets;

internal static class SocketsExtensions
{
    /// <summary>Those that stream.</summary>
    private static readonly Operation[] Operations = [Operation.ChatCompletion, Operation.Completion, Operation.Response];

    public static IServiceCollection AddSockets(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<SocketOptions>().BindConfiguration(SocketOptions.Section).ValidateDataAnnotations();
        services.AddSingleton<SocketHandler>();
        return services;
    }

    /// <summary>A route's own path, upgraded: where OpenAI has its WebSockets too.</summary>
    public static void MapSockets(this IEndpointRouteBuilder app)
    {
        var handler = app.ServiceProvider.GetRequiredService<SocketHandler>();
        var routes = app.MapGroup("").RequirePermission(Permissions.InferenceInvoke).WithMetadata(new ModelRoute());
        foreach (var operation in Operations)
        {
            // The handshake is the framework's, for these routes alone: they skip the middleware.
            var pipeline = app.CreateApplicationBuilder();
            pipeline.UseWebSockets();
            pipeline.Run(context => handler.InvokeAsync(context, operation));
            routes.MapGet($"/{operation.Path}", pipeline.Build()).ShortCircuit();
        }
    }
}
