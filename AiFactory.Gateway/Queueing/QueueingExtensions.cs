namespace AiFactory.Gateway.Queueing;

internal static class QueueingExtensions
{
    public static IServiceCollection AddQueueing(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<QueueOptions>().BindConfiguration(QueueOptions.Section).ValidateDataAnnotations();
        services.AddSingleton<RequestQueue>();
        services.AddHostedService<QueueWorker>();
        return services;
    }
}
