using AiFactory.Gateway.Forwarding;
using AiFactory.ServiceDefaults.Problems;

namespace AiFactory.Gateway.Console;

/// <summary>The console at <c>/</c>: from the development server where one is configured, else the built files, else a word on how to build them.</summary>
internal static class ConsoleEndpoints
{
    public static void Map(WebApplication app)
    {
        var answer = Choose(app);

        // Below /api nothing is a page: a path that is not there says so to a program.
        app.Map("/api/{**rest}", RefuseAsync).AllowAnonymous().WithOrder(int.MaxValue).ExcludeFromDescription();
        app.Map("/{**path}", answer).AllowAnonymous().WithOrder(int.MaxValue).ExcludeFromDescription();
    }

    private static RequestDelegate Choose(WebApplication app)
    {
        if (app.Environment.IsDevelopment() && app.Configuration[$"services:{DevelopmentServer.Name}:http:0"] is { Length: > 0 })
        {
            var forwarder = app.Services.GetRequiredService<ServiceForwarder>();
            return context => forwarder.ForwardAsync(context, DevelopmentServer.Name, "/", authorization: null);
        }

        return app.Environment.WebRootFileProvider.GetFileInfo("index.html").Exists ? ConsoleFiles.Build(app) : NotBuiltPage.WriteAsync;
    }

    private static Task RefuseAsync(HttpContext context) => context.RequestServices
        .GetRequiredService<IProblemDetailsService>()
        .WriteStatusAsync(context, StatusCodes.Status404NotFound, $"There is no route {context.Request.Method} {context.Request.Path}.");
}
