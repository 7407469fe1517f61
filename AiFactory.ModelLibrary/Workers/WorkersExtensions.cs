namespace AiFactory.ModelLibrary.Workers;

internal static class WorkersExtensions
{
    internal static WebApplicationBuilder AddWorkers(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<WorkersOptions>().BindConfiguration("Workers").ValidateDataAnnotations();
        builder.Services.AddSingleton<WorkerStore>().AddSingleton<WorkerService>().AddSingleton<IWorkerProbe, SocketWorkerProbe>();
        return builder;
    }

    internal static WebApplication MapWorkers(this WebApplication app)
    {
        WorkerEndpoints.Map(app);
        return app;
    }
}
