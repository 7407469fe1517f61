namespace AiFactory.Gateway.Console;

/// <summary>What a browser sees of a gateway that has neither the console's files nor its development server.</summary>
internal static class NotBuiltPage
{
    private const string Html =
        """
        <!doctype html><html lang="en"><meta charset="utf-8"><title>AiFactory</title>
        <style>body{font:16px/1.5 system-ui;max-width:40rem;margin:4rem auto;padding:0 1rem}code{background:#8882;padding:.1em .3em}</style>
        <h1>The gateway runs; its console is not built</h1>
        <p>Start the whole factory, which runs the console from source: <code>dotnet run --project AiFactory.AppHost</code>.
        Or build it once with <code>npm ci &amp;&amp; npm run build</code> in <code>AiFactory.Web</code> and put the built files into the gateway's <code>wwwroot</code>.</p>
        <p>The API needs no console: see <a href="/readyz">/readyz</a> and <code>/v1/models</code>.</p></html>
        """;

    public static Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = context.Request.Path == "/" ? StatusCodes.Status200OK : StatusCodes.Status404NotFound;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        return response.WriteAsync(Html, context.RequestAborted);
    }
}
