namespace AiFactory.Gateway.Batches.Running;

internal static class RunningExtensions
{
    /// <summary>What does the work of batches and jobs in this gateway.</summary>
    public static IServiceCollection AddRunning(this IServiceCollection services)
    {
        services.AddSingleton<WorkSignals>().AddSingleton<WorkObjects>().AddSingleton<WorkTargets>().AddSingleton<BatchTelemetry>();
        services.AddSingleton<StageStore>().AddSingleton<BatchValidation>().AddSingleton<ResultFiles>().AddHostedService<BatchWorker>();
        services.AddSingleton<RequestStore>().AddSingleton<RunningRequests>().AddSingleton<RequestSender>().AddSingleton<RequestRunner>();
        services.AddHostedService<RequestHeartbeat>().AddHostedService<RequestWorker>().AddHostedService<BatchSweep>();
        return services;
    }
}
