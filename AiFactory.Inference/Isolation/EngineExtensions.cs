using AiFactory.Inference.Serving;

namespace AiFactory.Inference.Isolation;

/// <summary>The process of one model: the worker's own program, which takes its model, and its callers, from the worker that started it.</summary>
internal static class EngineExtensions
{
    /// <summary>Nothing but the order and OpenTelemetry's variables is a setting here: a variable that the worker inherited, its address for example, is not for this process.</summary>
    public static WebApplicationBuilder CreateBuilder(this EngineChannel channel)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = typeof(EngineExtensions).Assembly.GetName().Name });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddEnvironmentVariables().AddInMemoryCollection(channel.Order.Settings);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(channel.Order.Socket));
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        return builder;
    }

    public static void AddEngine(this IServiceCollection services, EngineChannel channel)
    {
        services.AddSingleton(channel);
        services.AddSingleton<MemoryBudget, WorkerBudget>();
        services.AddSingleton<MeasurementLog>();
        services.AddSingleton<IHostLifetime, EngineLifetime>();
        services.AddHostedService<EngineWorker>();
    }
}
