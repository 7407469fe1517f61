namespace AiFactory.Gateway.Batches.Running;

internal static class RunningExtensions
{
    /// <summary>Batches that this gateway reads or writes at once: a large one does not hold up the others.</summary>
    private const int Stages = 2;

    /// <summary>What does the work of batches and jobs in this gateway.</summary>
    public static IServiceCollection AddRunning(this IServiceCollection services)
    {
        services.AddSingleton<WorkSignals>().AddSingleton<WorkObjects>().AddSingleton<WorkTargets>().AddSingleton<BatchTelemetry>();
        services.AddSingleton<StageStore>().AddSingleton<BatchValidation>().AddSingleton<ResultFiles>();
        for (var i = 0; i < Stages; i++)
        {
            services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<BatchWorker>(provider));
        }

        services.AddSingleton<RequestStore>().AddSingleton<RunningRequests>().AddSingleton<LargeWork>().AddSingleton<RequestSender>().AddSingleton<RequestRunner>();
        services.AddHostedService<RequestHeartbeat>().AddHostedService<RequestWorker>().AddHostedService<BatchSweep>();
        return services;
    }
}
