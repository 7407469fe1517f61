using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Gateway.OpenAI;

/// <summary>OpenAI's routes. Their handlers check the caller themselves and answer in OpenAI's words, so routing goes to them without the middleware between.</summary>
internal static class OpenAIEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var inference = app.ServiceProvider.GetRequiredService<InferenceHandler>();
        var models = app.ServiceProvider.GetRequiredService<ModelHandler>();
        var routes = app.MapGroup("").RequirePermission(Permissions.InferenceInvoke).WithMetadata(new ModelRoute());

        foreach (var operation in Operation.All.Where(operation => !operation.HasOwnHandler))
        {
            routes.MapPost($"/{operation.Path}", context => inference.InvokeAsync(context, operation)).ShortCircuit();
        }

        routes.MapGet("/v1/models", models.ListAsync).ShortCircuit();
        // The name of a flow has a slash, which some clients escape and some do not.
        routes.MapGet("/v1/models/{**model}", models.GetAsync).ShortCircuit();

        // Whatever else: a path that is not there, or one that is there for another method.
        app.Map("/v1/{**rest}", RefuseAsync).AllowAnonymous().WithOrder(int.MaxValue).ShortCircuit();
    }

    private static Task RefuseAsync(HttpContext context)
    {
        var (method, path) = (context.Request.Method, context.Request.Path.Value ?? "");
        if (Array.Exists(Operation.All, operation => path.AsSpan(1).Equals(operation.Path, StringComparison.OrdinalIgnoreCase)))
        {
            context.Response.Headers.Allow = HttpMethods.Post;
            return OpenAIErrorWriter.WriteAsync(context, OpenAIError.MethodNotSupported(method, path));
        }

        if (path.Equals("/v1/models", StringComparison.OrdinalIgnoreCase)
            || path.StartsWith("/v1/models/", StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Headers.Allow = HttpMethods.Get;
            return OpenAIErrorWriter.WriteAsync(context, OpenAIError.MethodNotSupported(method, path));
        }

        return OpenAIErrorWriter.WriteAsync(context, OpenAIError.UnknownUrl(method, path));
    }
}
