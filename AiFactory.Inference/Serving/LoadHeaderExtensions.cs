using AiFactory.Contracts;

namespace AiFactory.Inference.Serving;

internal static class LoadHeaderExtensions
{
    /// <summary>Where a gateway looks whether the worker is there.</summary>
    private const string Alive = "/healthz";

    /// <summary>A look at the worker is told the load of the deployment that it names, which <c>/metrics</c> tells anybody too: a queue is to be known before the first of those who wait in it is answered.</summary>
    public static void UseLoadHeader(this WebApplication app)
    {
        var registry = app.Services.GetRequiredService<ModelRegistry>();
        app.Use((http, next) =>
        {
            if (http.Request.Path.Equals(Alive, StringComparison.Ordinal) && Guid.TryParse(http.Request.Headers[WireHeaders.Deployment].ToString(), out var deployment) && registry.ModelOf(deployment) is { } model)
            {
                LoadHeader.Write(http, model);
            }

            return next(http);
        });
    }
}
