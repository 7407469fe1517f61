using AiFactory.Inference.Engine;
using AiFactory.Inference.Serving;

namespace AiFactory.Inference.Isolation;

/// <summary>Where a model's engine is.</summary>
internal static class IsolationExtensions
{
    private const string MetricsPath = "/metrics";

    /// <param name="isolated">Whether each model has a process of its own.</param>
    public static void AddIsolation(this IServiceCollection services, bool isolated)
    {
        services.AddSingleton<EngineForwarder>();
        services.AddSingleton<EngineRestarts>();
        if (isolated)
        {
            services.AddSingleton<MeasurementReplay>();
            services.AddSingleton<EngineWatch>();
            services.AddSingleton<EngineLauncher>();
            services.AddSingleton<IModelLoader, IsolatedModelLoader>();
        }
        else
        {
            services.AddSingleton<IModelLoader, ModelLoader>();
        }
    }

    /// <summary>Not set, as it is best for who serves several models, or one.</summary>
    public static bool IsIsolated(IConfiguration configuration, IsolationMode unset) =>
        (configuration.GetValue<IsolationMode?>($"{EngineOptions.Section}:{nameof(EngineOptions.Isolation)}") ?? unset) == IsolationMode.Process;

    /// <summary>Before a request's route: its body is kept, for it may go to more than one process; and before a scrape the engines' measurements are taken.</summary>
    public static void UseIsolation(this WebApplication app)
    {
        if (app.Services.GetService<EngineWatch>() is not { } watch)
        {
            return;
        }

        app.Use(async (http, next) =>
        {
            if (HttpMethods.IsPost(http.Request.Method))
            {
                RequestBytes.Keep(http);
            }
            else if (http.Request.Path.StartsWithSegments(MetricsPath, StringComparison.Ordinal))
            {
                await watch.LookAtAllAsync();
            }

            await next(http);
        });
    }
}
