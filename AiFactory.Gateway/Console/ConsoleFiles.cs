using AiFactory.ServiceDefaults.Problems;
using Microsoft.AspNetCore.StaticFiles;

namespace AiFactory.Gateway.Console;

/// <summary>The built console from <c>wwwroot</c>. A path that is no file is one of the console's own, which its router reads: it gets the index.</summary>
internal static class ConsoleFiles
{
    /// <summary>Vite puts files here whose names hold the hash of their content: they never change.</summary>
    private const string Hashed = "/assets";

    /// <summary>Styles are set inline by the component library; scripts are ours alone, and nothing is asked of another host.</summary>
    private const string ContentSecurityPolicy =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        + "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    public static RequestDelegate Build(WebApplication app)
    {
        var files = ((IEndpointRouteBuilder)app).CreateApplicationBuilder();

        // 1. The static file middleware leaves a request alone that has an endpoint; this one has reached its endpoint, which is the middleware.
        files.Use((context, next) =>
        {
            context.SetEndpoint(null);
            return next(context);
        });

        // 2. A file.
        files.UseStaticFiles(new StaticFileOptions { OnPrepareResponse = SetHeaders });

        // 3. Else the index, but for what is missing under the hashed names, which is an old page asking for files that are gone.
        files.Use((context, next) => IsPage(context.Request) ? next(context) : RefuseAsync(context));
        files.Use((context, next) =>
        {
            context.Request.Path = "/index.html";
            return next(context);
        });
        files.UseStaticFiles(new StaticFileOptions { OnPrepareResponse = SetHeaders });
        files.Run(RefuseAsync);
        return files.Build();
    }

    private static bool IsPage(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && !request.Path.StartsWithSegments(Hashed, StringComparison.Ordinal);

    private static void SetHeaders(StaticFileResponseContext file)
    {
        var headers = file.Context.Response.Headers;
        headers.CacheControl = file.Context.Request.Path.StartsWithSegments(Hashed, StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache";
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
    }

    private static Task RefuseAsync(HttpContext context) => context.RequestServices
        .GetRequiredService<IProblemDetailsService>()
        .WriteStatusAsync(context, StatusCodes.Status404NotFound, $"There is no {context.Request.Path}.");
}
